import type { Judgement } from './judge.js';
import { type CaseOutcome, type CheckOutcome, figureText } from './outcome.js';

/**
 * The outcome in the JUnit XML that build servers read: a suite per case, a test per expectation. Times
 * are left out, so that equal outcomes give equal bytes.
 */
export function checkToJunit({ cases }: CheckOutcome): string {
  const all = cases.flatMap(({ judgements }) => judgements);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="perseus check" ${counts(all)}>`,
    ...cases.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite({ name, scenarioFile, judgements }: CaseOutcome): string[] {
  return [
    `  <testsuite name="${escapeXml(name)}" file="${escapeXml(scenarioFile)}" ${counts(judgements)}>`,
    ...judgements.flatMap((judgement) => test(name, judgement)),
    '  </testsuite>',
  ];
}

function counts(judgements: readonly Judgement[]): string {
  const failures = judgements.filter(({ passed }) => !passed).length;
  return `tests="${judgements.length}" failures="${failures}" errors="0"`;
}

function test(suiteName: string, judgement: Judgement): string[] {
  const open = `    <testcase classname="${escapeXml(suiteName)}" name="${escapeXml(judgement.expectation)}"`;
  const figure = escapeXml(figureText(judgement));
  if (!judgement.passed) {
    return [
      `${open}>`,
      `      <failure message="${figure}" type="${judgement.certainty}"/>`,
      '    </testcase>',
    ];
  }
  return [`${open}>`, `      <system-out>${figure}</system-out>`, '    </testcase>'];
}

/** Characters that XML 1.0 does not allow at all are replaced. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/[\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
