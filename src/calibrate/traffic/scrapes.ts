import { groupBy } from '../../base/group-by.js';
import { readAll } from '../../base/problem.js';
import { remembered } from '../../base/remembered.js';
import { type MetricSample, type MetricsPage, parseMetricsPage } from '../../live/metrics-page.js';
import {
  type AnsweredSeries,
  forEachSample,
  forEachSeries,
  labelsKey,
} from '../../trace/import/prometheus/answer.js';
import { RowProblems } from '../../trace/row-problems.js';

/** All counters of a server at one moment. */
export interface Scrape {
  /** Seconds since 1970, or since any other fixed moment; undefined where the source does not say. */
  readonly atS: number | undefined;
  readonly page: MetricsPage;
}

export interface CounterFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Counters over time from files in order of time: pages of `/metrics`, one scrape each, and answers of
 * Prometheus' HTTP API (`query` or `query_range`; one file may hold one counter or many), which are
 * joined by their times.
 *
 * @throws InputError with the problems of all files
 */
export function readScrapes(files: readonly CounterFile[]): Scrape[] {
  const answered: Answered = new Map();
  const pages = readAll(files, (each): Scrape[] => {
    const { file, text } = each;
    if (!/^\s*[{[]/.test(text)) return [scrapeOf(parseMetricsPage(text, file))];
    addAnswer(each, answered);
    return [];
  }).flat();
  const inTime = [...answered].sort(([a], [b]) => a - b);
  return [
    ...pages,
    ...inTime.map(([us, samples]) => ({
      atS: us / 1e6,
      page: groupBy(samples.values(), ({ name }) => name),
    })),
  ];
}

/** The series of a metric that belong to a model and hold a number. */
export function samplesOf(page: MetricsPage, name: string, model: string): readonly MetricSample[] {
  return (page.get(name) ?? []).filter(
    ({ labels, value }) => labels.get('model') === model && Number.isFinite(value),
  );
}

/** A page bears the time of its samples, where it has any. */
function scrapeOf(page: MetricsPage): Scrape {
  const samples = [...page.values()].flat();
  const { timestampMs } = samples.find((sample) => sample.timestampMs !== undefined) ?? {};
  return { atS: timestampMs && timestampMs / 1000, page };
}

/** Samples by their time in microseconds, then by their series: answers that touch or overlap tell the same one again. */
type Answered = Map<number, Map<string, MetricSample>>;

function addAnswer(file: CounterFile, answered: Answered): void {
  const problems = new RowProblems({ file: file.file });
  const onSeries = (series: AnsweredSeries) => {
    const name = series.labels.get('__name__');
    if (name === undefined) {
      const remedy = 'query the counters themselves: a rate or a sum loses the name';
      problems.add({ ...series.place, what: 'has no __name__', remedy });
      return;
    }
    const labels = new Map([...series.labels].filter(([label]) => label !== '__name__'));
    const key = labelsKey(series.labels);
    const onSample = (us: number, value: number) => {
      remembered(answered, us, () => new Map()).set(key, { name, labels, value });
    };
    forEachSample(series, onSample, problems);
  };
  forEachSeries(file, onSeries, problems, { takesMoments: true });
  problems.throwIfAny();
}
