import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { CandidateFigures } from '../../src/plan/tune/figures.js';
import type { TuneJob, TuneSearch } from '../../src/plan/tune/job.js';
import { race, twinsLast } from '../../src/plan/tune/race.js';
import type { Objective } from '../../src/plan/tune/score.js';
import { type SearchOptions, searchSettings } from '../../src/plan/tune/search.js';
import type { Candidate, TuneSpace } from '../../src/plan/tune/space.js';

/** One tenant that completes so many inferences per second; without an SLO unless an attainment is given. */
function figures(
  inferencesPerS: number,
  more: { tailMs?: number; attainment?: number } = {},
): CandidateFigures {
  const { tailMs = 10, attainment } = more;
  return {
    usdPerHour: 1,
    penaltyUsdPerHour: 0,
    tenants: [
      {
        tenant: 't',
        completed: 10_000,
        inferencesPerS,
        goodputPerS: inferencesPerS,
        meanMs: tailMs / 2,
        tailMs,
        ...(attainment === undefined ? {} : { attainment, targetShare: 0.99 }),
        stability: 'stable',
      },
    ],
  };
}

function drive<Result>(search: TuneSearch<Result>, figuresOf: (job: TuneJob) => CandidateFigures) {
  const jobs: TuneJob[] = [];
  let step = search.next();
  while (step.done !== true) {
    jobs.push(...step.value);
    step = search.next(step.value.map(figuresOf));
  }
  return { result: step.value, jobs };
}

/** Models with so many settings each, told apart by their instances, and so many loads. */
function space(settings: readonly number[], loads = 1): TuneSpace {
  return {
    models: settings.map((count, m) => ({
      name: `s/m${m}`,
      model: `m${m}`,
      places: [{ server: 0, model: m }],
      settings: Array.from({ length: count }, (_, i) => ({ instances: i + 1, maxBatchSize: 1 })),
    })),
    loads: Array.from({ length: loads }, (_, i) => ({ concurrency: i + 1 })),
  };
}

const options: SearchOptions = {
  objective: 'throughput',
  budgetRuns: 1000,
  replications: 4,
  smallestShare: 1 / 27,
  isFeasible: () => true,
};

const noise = (job: TuneJob) =>
  new RandomStreams(3).get(`${job.candidate.settings} ${job.candidate.load} ${job.replication}`).next() - 0.5;

describe('a race', () => {
  const candidates: Candidate[] = Array.from({ length: 27 }, (_, i) => ({ settings: [i], load: 0 }));

  it('gives every candidate a short run, the better third a longer one, and so on to the whole', () => {
    const { result, jobs } = drive(
      race(candidates, { objective: 'throughput', shares: [1 / 9, 1 / 3, 1], keep: 1 }),
      ({ candidate }) => figures(1000 + 50 * candidate.settings[0]!),
    );
    const count = (share: number) => jobs.filter((job) => job.share === share).length;
    expect([count(1 / 9), count(1 / 3), count(1)]).toEqual([27, 9, 3]);
    expect(result.map(({ candidate }) => candidate.settings[0])).toEqual(
      Array.from({ length: 27 }, (_, i) => 26 - i),
    );
  });

  it('keeps as many as it is told to, and ranks those that were cut by the longest run they had', () => {
    const { result, jobs } = drive(
      race(candidates, { objective: 'latency', shares: [1 / 9, 1 / 3, 1], keep: 6 }),
      // The longer they run, the better the later ones look.
      ({ candidate, share }) =>
        figures(1, { tailMs: 1000 + (share < 1 ? 1 : -1) * 50 * candidate.settings[0]! }),
    );
    const count = (share: number) => jobs.filter((job) => job.share === share).length;
    expect([count(1 / 9), count(1 / 3), count(1)]).toEqual([27, 9, 6]);
    expect(result.map(({ candidate }) => candidate.settings[0])).toEqual([
      ...[5, 4, 3, 2, 1, 0],
      ...[6, 7, 8],
      ...Array.from({ length: 18 }, (_, i) => 9 + i),
    ]);
  });

  it('puts behind the others who have the same run as one before, by all that a run is ranked by', () => {
    const score = (shortfall: number, value: number, tailMs: number) => ({ shortfall, value, tailMs });
    const scores = [
      score(0, 9, 1),
      score(0, 9, 1),
      score(0, 9, 2),
      score(0, 8, 1),
      score(0.1, 9, 1),
      score(0, 9, 2),
    ];
    const ranked = scores.map((each, i) => ({ candidate: candidates[i]!, score: each }));
    expect(twinsLast(ranked).map(({ candidate }) => candidate.settings[0])).toEqual([0, 2, 3, 4, 1, 5]);
  });

  it('does not drop for chance a candidate that violates its SLO in a short run only', () => {
    const winner = (ofLast: number) =>
      drive(
        race(candidates, { objective: 'throughput', shares: [1 / 3, 1], keep: 1 }),
        ({ candidate: { settings }, share }) => {
          const attainment = share < 1 ? 0.9885 : settings[0] === 26 ? ofLast : 0.995;
          return figures(1000 + 50 * settings[0]!, { attainment });
        },
      ).result[0]!.candidate.settings[0];
    expect([winner(0.995), winner(0.9885)]).toEqual([26, 25]);
  });

  it('keeps a third and what is over', () => {
    const { jobs } = drive(
      race(candidates.slice(0, 10), { objective: 'throughput', shares: [1 / 3, 1], keep: 1 }),
      () => figures(1),
    );
    expect(jobs.filter(({ share }) => share === 1)).toHaveLength(4);
  });
});

describe('the final', () => {
  it('is not played among settings that give the same run to the last digit', () => {
    const { result } = drive(searchSettings(space([30]), options), ({ candidate }) =>
      figures(500 + 50 * Math.min(candidate.settings[0]!, 20)),
    );
    expect(result.finalists[0]!.candidate.settings).toEqual([20]);
    expect(result.finalists[1]!.score.value).toBeLessThan(result.finalists[0]!.score.value);
  });
});

describe('the search', () => {
  it('tries the whole space where the budget allows, and finds the best under noise', () => {
    const figuresOf = (job: TuneJob) =>
      figures(1000 - 20 * Math.abs(job.candidate.settings[0]! - 7) + 30 * job.candidate.load + noise(job));
    const { result, jobs } = drive(searchSettings(space([20], 5), options), figuresOf);
    expect(result.method).toBe('whole space');
    expect(new Set(jobs.map(({ candidate }) => `${candidate.settings}@${candidate.load}`)).size).toBe(100);
    expect(result.finalists[0]!.candidate).toEqual({ settings: [7], load: 4 });
    expect(result.againstSecond).toMatchObject({ by: 'objective' });
    expect(result.againstSecond!.probability).toBeGreaterThan(0.99);
  });

  it('goes along one model after the other where the space is too large, and still finds the best', () => {
    const target = [13, 4, 9];
    const figuresOf = ({ candidate }: TuneJob) => {
      const distance = candidate.settings.reduce((sum, s, i) => sum + Math.abs(s - target[i]!), 0);
      return figures(5000 - 40 * distance - 100 * Math.abs(candidate.load - 1));
    };
    const { result, jobs } = drive(searchSettings(space([20, 20, 20], 3), options), figuresOf);
    expect(result.method).toBe('coordinates');
    expect(result.finalists[0]!.candidate).toEqual({ settings: target, load: 1 });
    expect(jobs.length).toBeLessThan(24_000 / 10);
  });

  it('goes along every model before it ends, also where nothing is better with all models alike', () => {
    const figuresOf = ({ candidate: { settings } }: TuneJob) =>
      figures(1000 - 100 * settings[0]! + (settings[1] === 5 ? 50 : -settings[1]!));
    const { result } = drive(searchSettings(space([20, 20]), { ...options, budgetRuns: 30 }), figuresOf);
    expect(result.method).toBe('coordinates');
    expect(result.finalists[0]!.candidate.settings).toEqual([0, 5]);
  });

  it('spends no more than was allowed where that is too little for all settings and loads of the first step', () => {
    const figuresOf = ({ candidate }: TuneJob) => figures(1000 + candidate.settings[0]! - candidate.load);
    const small = { ...options, budgetRuns: 120 };
    const { result, jobs } = drive(searchSettings(space([400, 5], 9), small), figuresOf);
    const search = jobs.filter(({ replication }) => replication === 1);
    const runs = search.reduce((sum, { share }) => sum + share, 0);
    expect(runs).toBeLessThan(small.budgetRuns + 1);
    const tried = new Set(search.map(({ candidate }) => candidate.load));
    expect(tried.size).toBe(9);
    expect(result.finalists[0]!.candidate.settings[0]).toBeGreaterThan(300);
  });

  it('shows the settings as they are on the seeds of the winner: where they win nothing differs', () => {
    const figuresOf = ({ candidate, replication }: TuneJob) =>
      figures(1000 - 50 * candidate.settings[0]! + 10 * replication);
    const { result } = drive(searchSettings(space([10]), options), figuresOf);
    expect(result.finalists[0]!.candidate.settings).toEqual([0]);
    expect(result.current).toEqual(result.best);
    expect(result.againstCurrent).toBeUndefined();
  });

  it('counts settings that give the same run once also where it goes along one model after the other', () => {
    const figuresOf = ({ candidate: { settings } }: TuneJob) => {
      const [first, second] = settings.map((setting) => (setting === 7 ? 1000 : 20 * setting));
      return figures(500 + (settings[0] === 5 ? 1000 : first!) + second!);
    };
    const { result } = drive(searchSettings(space([14, 14]), { ...options, budgetRuns: 25 }), figuresOf);
    expect(result.method).toBe('coordinates');
    const values = result.finalists.map(({ score }) => score.value);
    expect(values[1]).toBeLessThan(values[0]!);
  });

  it('prefers a setting that meets its SLO to a faster one that does not', () => {
    const figuresOf = ({ candidate }: TuneJob) =>
      figures(100 + candidate.settings[0]!, { attainment: candidate.settings[0]! > 5 ? 0.9 : 1 });
    const { result } = drive(searchSettings(space([40]), options), figuresOf);
    expect(result.finalists[0]!.candidate.settings).toEqual([5]);
    expect(result.finalists[0]!.score.shortfall).toBe(0);
  });

  it('gives those a chance that were cut when all finalists violate an SLO in the full runs', () => {
    const figuresOf = ({ candidate, replication }: TuneJob) => {
      const i = candidate.settings[0]!;
      return figures(100 + 2 * i, { attainment: replication > 1 && i > 3 ? 0.98 : 1 });
    };
    const { result } = drive(searchSettings(space([20]), options), figuresOf);
    expect(result.finalists[0]!.score.shortfall).toBe(0);
    expect(result.finalists[0]!.candidate.settings).toEqual([3]);
  });

  it('tells of two that break SLOs the one surer that misses less in all, as it ranks them', () => {
    const broken = (margins: readonly number[]): CandidateFigures => {
      const { tenants, ...rest } = figures(500);
      return {
        ...rest,
        tenants: margins.map((margin) => ({ ...tenants[0]!, targetShare: 0.99, attainment: 0.99 + margin })),
      };
    };
    const figuresOf = ({ candidate }: TuneJob) =>
      broken(candidate.settings[0] === 0 ? [-0.06, -0.06] : [-0.1, 0]);
    const { result } = drive(searchSettings(space([2]), options), figuresOf);
    expect(result.finalists[0]!.candidate.settings).toEqual([1]);
    expect(result.againstSecond).toMatchObject({ by: 'SLO', probability: 1 });
    expect(result.againstSecond!.comparison.difference.value).toBeCloseTo(0.02, 9);
  });

  it('decides by tail latency between settings of equal throughput', () => {
    const figuresOf = ({ candidate }: TuneJob) => figures(500, { tailMs: 20 - candidate.settings[0]! });
    const { result } = drive(searchSettings(space([10]), options), figuresOf);
    expect(result.finalists[0]!.candidate.settings).toEqual([9]);
    expect(result.againstSecond!.by).toBe('tail latency');
  });

  it('leaves out what cannot be served', () => {
    const { result, jobs } = drive(
      searchSettings(space([10]), { ...options, isFeasible: ({ settings }) => settings[0]! < 4 }),
      ({ candidate }) => figures(500 + 50 * candidate.settings[0]!),
    );
    expect(result.finalists[0]!.candidate.settings).toEqual([3]);
    expect(jobs.every(({ candidate }) => candidate.settings[0]! < 4)).toBe(true);
  });

  it('is rarely sure of a winner among equals: its verdict comes from seeds that had no part in the choice', () => {
    const rounds = 200;
    let sure = 0;
    for (let round = 0; round < rounds; round++) {
      const streams = new RandomStreams(round);
      const { result } = drive(searchSettings(space([12]), { ...options, replications: 6 }), (job) => {
        const draw = streams.get(`${job.candidate.settings} ${job.replication} ${job.share}`).next();
        return figures(1000 * (1 + 0.1 * (draw - 0.5)));
      });
      if (result.againstSecond!.probability > 0.975) sure++;
    }
    // One-sided 2.5 %, of 200; 14 or more would be seen once in a thousand times.
    expect(sure).toBeLessThan(14);
  });

  it.each<[Objective, number]>([
    ['throughput', 9],
    ['balanced', 9],
    ['goodput', 9],
    ['cost', 9],
    ['latency', 0],
  ])('for %s takes the setting that is best in it', (objective, best) => {
    const { result } = drive(searchSettings(space([10]), { ...options, objective }), ({ candidate }) =>
      figures(500 + 50 * candidate.settings[0]!, { tailMs: 5 + candidate.settings[0]! }),
    );
    expect(result.finalists[0]!.candidate.settings).toEqual([best]);
  });
});
