import type { SurveyedModel } from '../repository/survey-folder.js';

/** Names of the models that a model of the scenario calls. */
export function calledBy({ steps, calls }: SurveyedModel): readonly string[] {
  return steps ?? calls?.models ?? [];
}

/**
 * The models that clients call: those that no other one calls. Of models that call each other in a circle, the first.
 */
export function entryModels(models: readonly SurveyedModel[]): readonly SurveyedModel[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const called = new Set(models.flatMap((model) => calledBy(model).filter((name) => name !== model.name)));
  const reached = new Set<string>();
  const reach = (name: string) => {
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const model = byName.get(next);
      if (model === undefined || reached.has(next)) continue;
      reached.add(next);
      open.push(...calledBy(model));
    }
  };
  const entries = models.filter(({ name }) => !called.has(name));
  for (const { name } of entries) reach(name);
  const circles = models.filter(({ name }) => {
    const isEntry = !reached.has(name);
    if (isEntry) reach(name);
    return isEntry;
  });
  return models.filter((model) => entries.includes(model) || circles.includes(model));
}
