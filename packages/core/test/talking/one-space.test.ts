import { talkingSuite } from './suite.js';
import { allSettings, oneSpace } from './worlds.js';

for (const settings of allSettings) {
  talkingSuite(`within one space, tracking ${settings.tracking}, isolation ${settings.isolation}`, oneSpace(settings));
}
