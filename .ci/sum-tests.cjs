// Prints how many tests of all suites passed, failed and were skipped, from what vitest wrote of each.
const { existsSync, readFileSync } = require('node:fs');

const suites = process.argv.slice(2).map((file) =>
  // A suite that could not even write its results has failed.
  existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numFailedTests: 1 },
);
const sum = (key) => suites.reduce((total, suite) => total + (suite[key] ?? 0), 0);
const [passed, failed, skipped] = ['numPassedTests', 'numFailedTests', 'numPendingTests'].map(sum);
process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
