import { crowdsec } from './crowdsec.ts';
import { elastalert2 } from './elastalert2.ts';
import { flink } from './flink.ts';
import { nexmark } from './nexmark.ts';
import { pantherNormaliser } from './panther-normaliser.ts';
import { pantherRules } from './panther-rules.ts';
import { pinned } from './pinned.ts';
import { scoreLine } from './score.ts';
import { siddhi } from './siddhi.ts';

/** `npm run conformance`: a line per suite, and what differs. */
for (const suite of [pinned, crowdsec, nexmark, siddhi, flink, elastalert2, pantherNormaliser, pantherRules]) {
  const score = await suite();
  if (score === null) {
    process.stdout.write(`${suite.name.padEnd(12)} not run: ../shared/cases does not stand beside the clone\n`);
    continue;
  }
  process.stdout.write(`${scoreLine(score)}\n`);
  for (const note of score.notes) process.stdout.write(`  ${note}\n`);
}
