import type { ModelInstance, ServedModel } from '../scenario/scenario.js';

/** The model with one instance on each device: the others there execute only when it does not. */
export function oneAtATime(model: ServedModel): ServedModel {
  const { instances } = model;
  const isFirst = ({ device }: ModelInstance, i: number) =>
    instances.findIndex((each) => each.device === device) === i;
  return { ...model, instances: instances.filter(isFirst) };
}
