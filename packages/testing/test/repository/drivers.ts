import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export type Port = 'Transport' | 'Store';

/** Something a package exports that makes transports or stores. */
export interface Driver {
  readonly packageName: string;
  /** The exported name. */
  readonly name: string;
  readonly port: Port;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
}

const sourceCondition = 'happen-source';
const contracts = { Transport: 'transportContract', Store: 'storeContract' } as const;

/**
 * The drivers among the exports of a package: functions that give a transport or a store, at once, as a promise, or by a
 * method of what they return, and classes that are one. Found by type, so that nobody has to list them.
 *
 * @param core the file that declares the ports
 */
export function driversOf(packageFolder: string, core: string): Driver[] {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.values(manifest.exports ?? {}).flatMap((target) => {
    const source =
      typeof target === 'object' && target !== null ? (target as Record<string, unknown>)[sourceCondition] : target;
    return typeof source === 'string' && source.endsWith('.ts') ? [join(packageFolder, source)] : [];
  });
  const program = ts.createProgram([...entries, core], compilerOptions(packageFolder));
  const checker = program.getTypeChecker();
  const ports = {
    Transport: exportedType(program, core, 'Transport'),
    Store: exportedType(program, core, 'Store'),
  };
  return entries.flatMap((entry) =>
    exportsOf(program, entry).flatMap((symbol): Driver[] => {
      const type = checker.getTypeOfSymbol(symbol);
      const made = [...type.getCallSignatures(), ...type.getConstructSignatures()]
        .map((signature) => awaited(checker, signature.getReturnType()))
        .flatMap((result) => [result, ...resultsOfMethods(checker, result)]);
      return (['Transport', 'Store'] as const)
        .filter((port) => made.some((one) => isSpecific(one) && checker.isTypeAssignableTo(one, ports[port])))
        .map((port) => ({ packageName: manifest.name, name: symbol.getName(), port }));
    }),
  );
}

/** The test files of all packages that run the contract of the driver's port on it. */
export function contractFiles(packagesFolder: string, { name, port }: Driver): string[] {
  return testFiles(packagesFolder).filter((file) => {
    const text = readFileSync(file, 'utf8');
    return new RegExp(`\\b${contracts[port]}\\(`).test(text) && new RegExp(`\\b${name}\\(`).test(text);
  });
}

function testFiles(packagesFolder: string): string[] {
  return readdirSync(packagesFolder).flatMap((name) => {
    const folder = join(packagesFolder, name, 'test');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts') && !entry.parentPath.includes('fixtures'))
      .map((entry) => join(entry.parentPath, entry.name));
  });
}

function compilerOptions(packageFolder: string): ts.CompilerOptions {
  const file = join(packageFolder, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(file)).options;
}

function exportsOf(program: ts.Program, file: string): ts.Symbol[] {
  const source = program.getSourceFile(file);
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
  // A file that exports nothing has no symbol.
  return symbol === undefined ? [] : program.getTypeChecker().getExportsOfModule(symbol);
}

function exportedType(program: ts.Program, file: string, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const symbol = exportsOf(program, file).find((one) => one.getName() === name);
  if (symbol === undefined) throw new Error(`${file} does not export ${name}`);
  const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(declared);
}

function resultsOfMethods(checker: ts.TypeChecker, type: ts.Type): ts.Type[] {
  if (!isSpecific(type)) return [];
  return type
    .getProperties()
    .flatMap((property) => checker.getTypeOfSymbol(property).getCallSignatures())
    .map((signature) => awaited(checker, signature.getReturnType()));
}

function awaited(checker: ts.TypeChecker, type: ts.Type): ts.Type {
  return checker.getAwaitedType(type) ?? type;
}

/** `any` and `never` could be assigned to a port without being one. */
function isSpecific(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Never | ts.TypeFlags.Unknown)) === 0;
}
