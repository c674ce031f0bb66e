import { talkingSuite } from './suite.js';
import { allSettings, twoSpaces } from './worlds.js';

for (const settings of allSettings) {
  talkingSuite(
    `across two spaces on a hub, tracking ${settings.tracking}, isolation ${settings.isolation}`,
    twoSpaces(settings),
  );
}
