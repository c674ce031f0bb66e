import type { MessagePortLike } from '@happen/core/message-port';
import { serve } from './checks.js';

// With the types of a page: here, `self` is the worker's side of the port.
serve(self as unknown as MessagePortLike, self.name);
