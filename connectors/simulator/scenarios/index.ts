import { accountGuessing } from './account-guessing.ts';
import { campaign } from './campaign.ts';
import { contactSwap } from './contact-swap.ts';
import { credentialStuffing } from './credential-stuffing.ts';
import { crossPlatformFlags } from './cross-platform-flags.ts';
import { firstCountry } from './first-country.ts';
import { flagBrigade } from './flag-brigade.ts';
import { impossibleTravel } from './impossible-travel.ts';
import { passwordSpray } from './password-spray.ts';
import { quietWeek } from './quiet-week.ts';
import { resetWave } from './reset-wave.ts';
import type { Scenario } from './scenario.ts';
import { sessionHijack } from './session-hijack.ts';
import { signupBurst } from './signup-burst.ts';

/** All scenarios, in the order in which they are listed and played. */
export const scenarios: readonly Scenario[] = [
  passwordSpray,
  credentialStuffing,
  accountGuessing,
  resetWave,
  contactSwap,
  flagBrigade,
  crossPlatformFlags,
  impossibleTravel,
  firstCountry,
  sessionHijack,
  signupBurst,
  campaign,
  quietWeek,
];
