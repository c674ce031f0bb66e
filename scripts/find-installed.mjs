/** Prints where npx has put a file of the package it was asked for; started by runtimes.mjs, never by hand. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
const wanted = String(process.argv[2]);
// A package without commands of its own still has a folder beside those of npx.
const folders = (process.env[pathName] ?? '').split(delimiter).map((folder) => join(folder, '..'));
const file = folders.map((folder) => join(folder, wanted)).find((path) => existsSync(path));

if (file === undefined) throw new Error(`The package does not bring ${wanted}.`);
console.log(file);
