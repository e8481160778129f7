import { describe, expect, it } from 'vitest';
import { checkOutcome, checkToText } from '../../src/check/outcome.js';
import { changeList } from '../../src/diff/diff-text.js';
import { tableOf } from '../../src/report/tables/table.js';
import { answerToText } from '../../src/report/text/answer-text.js';
import { markdownStyle } from '../../src/report/text/style.js';
import { textTable } from '../../src/report/text/text-table.js';
import { reportToText } from '../../src/report/text.js';
import { sampleReport } from './sample-report.js';

const AS_MARKDOWN = { markdown: true, width: Number.POSITIVE_INFINITY };

describe('a result in Markdown', () => {
  it('is a table with its columns aligned, in which a name means nothing but itself', () => {
    const rows = ['a|b', '**x**', '<b>\n'];
    const table = tableOf('Names', rows, [
      { header: 'name', align: 'left', cell: (name) => name },
      { header: 'n', cell: () => ({ text: '1', tone: 'bad' }) },
    ]);
    expect(textTable(table, 80, markdownStyle)).toEqual([
      '#### Names',
      '',
      '| name | n |',
      '| :-- | --: |',
      '| a\\|b | **1** |',
      '| \\*\\*x\\*\\* | **1** |',
      '| \\<b\\>\ufffd | **1** |',
    ]);
    const details = [changeList('Behind it', [{ path: 'a*b', a: 1, b: 2 }], true)];
    expect(answerToText({ answer: [], details }, AS_MARKDOWN)).toContain(
      '\n#### Behind it\n\n- a\\*b: 1 -\\> 2\n',
    );
  });

  it('of a run begins with the answer and folds the rest, without a column left out or cut', () => {
    const text = reportToText(sampleReport(), AS_MARKDOWN);
    const [answer, details] = text.split('<details><summary>Details</summary>\n');
    expect(answer).toMatch(
      /\n\| tenant \| SLO \| verdict \| in limit % \| load \| completed \/s \|.*\n\| :-- \|/,
    );
    expect(answer).toContain('| **MISSED** |');
    expect(details).toMatch(/^\n#### Latency, from the planned arrival\n\n\| tenant \|/);
    expect(text).toMatch(/<\/details>\n$/);
    expect(text).not.toContain('…');
  });

  it('of a check has what is violated first', () => {
    const judged = (expectation: string, passed: boolean) =>
      ({
        expectation,
        value: 12,
        low: 11,
        high: 13,
        passed,
        isOfService: true,
        certainty: passed ? 'pass' : 'fail',
        atMost: 10,
      }) as const;
    const outcome = checkOutcome([
      {
        name: 'cats',
        scenarioFile: 'cats.yaml',
        judgements: [judged('held', true), judged('broken', false)],
      },
    ]);
    expect(checkToText(outcome, AS_MARKDOWN).split('\n')).toEqual([
      '#### perseus check: violated',
      '',
      '**2 expectations: 1 met, 1 violated.**',
      '',
      '|  | case | expected | predicted |',
      '| :-- | :-- | :-- | :-- |',
      '| **violated** | cats | broken | 12.0 (11.0 to 13.0) |',
      '| met | cats | held | 12.0 (11.0 to 13.0) |',
      '',
    ]);
  });
});
