#!/usr/bin/env node
// Standing here rather than in dist/, it can be linked before anything is built.
import '../dist/command.js';
