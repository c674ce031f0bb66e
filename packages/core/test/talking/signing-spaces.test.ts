import { talkingSuite } from './suite.js';
import { twoSigningSpaces } from './worlds.js';

talkingSuite(
  'across two spaces that sign their frames',
  twoSigningSpaces({ tracking: 'automatic', isolation: 'freeze' }),
);
