import { clauseSuite, talkingSuite } from './suite.js';
import { streamClauses } from './clauses/streams.js';
import { allSettings, oneSpace } from './worlds.js';

for (const settings of allSettings) {
  const label = `within one space, tracking ${settings.tracking}, isolation ${settings.isolation}`;
  talkingSuite(label, oneSpace(settings));
  clauseSuite(label, streamClauses, oneSpace(settings));
}
