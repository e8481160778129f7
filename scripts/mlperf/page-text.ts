/** Parts of the page that no figure of a later run changes. */

export const SIMPLER_MODELS = `## Simpler models

Median errors in percent. One queue, Poisson arrivals, a batch leaves when it is full or its delay ends; nothing is fitted unless said.

| model | Triton, p50 | p99 | other harnesses, p50 | p99 |
| --- | --- | --- | --- | --- |
| a GPU executes one batch at a time, as long as Offline says | 35 | 67 | 37 | 48 |
| all streams side by side, each as many times as long | 61 | 43 | 42 | 27 |
| SingleStream, and 1 / Offline for each further sample | 22 | 60 | 32 | 48 |
| the line through SingleStream and MultiStream; Offline bounds what a GPU does | 21 | 51 | 21 | 45 |
| the same, each batch on a free stream at random, each MIG slice by itself | 17 | 33 | 15 | 22 |
| the same, and one share of Offline for all, chosen without the row's family | 17 | 34 | 18 | 25 |`;

export const TRIED = `## What was tried

Median errors in percent, p50 / p99, each row under rules that were chosen without its benchmark on its GPU.

| tried | before | then | taken |
| --- | --- | --- | --- |
| waiting servers: cv 0.1 or 0.15 for 0.1 | 7.4 / 17.1 | 7.2 / 12.8 | yes; all others together: 9.0 / 16.5 before, 10.1 / 14.2 then |
| Triton: an exponential tail for late executions (hiding 0.5) | 6.2 / 21.6 | 7.2 / 25.3 | no: worst p99 +85 % for +188, but medians are worse |
| Triton: streams that fill as much of a GPU as Offline over the line of MultiStream says | 6.2 / 21.6 | 9.8 / 29.5 | no |
| Triton: neither gatherUs 10 nor a copy of at most 0.2 of a sample's time (0.5) | 6.2 / 21.6 | 8.9 / 19.0 | yes: simpler; without the GPU's rows 9.4 / 25.9 before, 8.9 / 19.0 then |
| Triton: lognormal, cv 0.3, for late executions | 8.9 / 19.0 | 11.1 / 28.9 | no: worst p99 +67 % for +180, but medians and p90 (28 for 17) are worse |

Of the rules that stay, each is worth something without the rows: no share on Triton gives 12.5 / 30.2, no late execution 7.5 / 35.6;
no hiding on waiting servers 8.7 / 20.6, no gathering 11.3 / 11.1. Without the cut one p50 on Triton is off by 347 %.`;

export const WIDTH_OF_INTERVALS = `## What makes intervals wide

Of the squared logarithms of measured over predicted, 80 % are common to all percentiles of a benchmark on a system, 38 % to all benchmarks of a system.
Harness, benchmark and percentile tell 9 % or less each. How a system was tuned is in no published figure. One own measurement removes most of the doubt.

Mean interval score, and median half-width in percent, with each group left out of rules and intervals (less is better; all hold 92 to 95 %):

| left out | as published | one constant width |
| --- | --- | --- |
| cell | 1.35, 62 | 1.50, 71 |
| gpu | 1.48, 64 | 1.53, 73 |
| family | 1.64, 65 | 2.12, 89 |
| submitter | 1.62, 71 | 1.68, 64 |`;
