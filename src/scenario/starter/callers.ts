import type { SurveyedModel } from '../repository/survey-folder.js';

export function calledBy({ steps, calls }: SurveyedModel): readonly string[] {
  return steps ?? calls?.models ?? [];
}

/**
 * The models that clients call: those that no other one calls. Of models that call each other in a circle, the first.
 */
export function entryModels(models: readonly SurveyedModel[]): readonly SurveyedModel[] {
  const called = new Set(models.flatMap((model) => calledBy(model).filter((name) => name !== model.name)));
  const entries = models.filter(({ name }) => !called.has(name));
  const reached = new Set(entries.flatMap((entry) => reachedFrom(entry, models)));
  const circles = models.filter((model) => {
    const isEntry = !reached.has(model);
    if (isEntry) for (const each of reachedFrom(model, models)) reached.add(each);
    return isEntry;
  });
  return models.filter((model) => entries.includes(model) || circles.includes(model));
}

/** A model and all that it calls, one way or another. */
export function reachedFrom(model: SurveyedModel, models: readonly SurveyedModel[]): SurveyedModel[] {
  const byName = new Map(models.map((each) => [each.name, each]));
  const reached = new Set([model]);
  // A set goes on to what is added while it is walked.
  for (const each of reached) {
    for (const name of calledBy(each)) {
      const called = byName.get(name);
      if (called !== undefined) reached.add(called);
    }
  }
  return [...reached];
}
