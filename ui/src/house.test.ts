/** The rules of this folder, kept by reading its own files. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Source {
  path: string;
  text: string;
}

const sources: Source[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|svelte)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join('src', path), 'utf8') }));
const shipped = sources.filter(({ path }) => !path.endsWith('.test.ts'));

/** Imports of a file as paths from src/, packages as they are. */
function imports({ path, text }: Source): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.map((name) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name));
}

const offenders = (rule: (source: Source) => boolean): string[] => shipped.filter(rule).map(({ path }) => path);
const folder = (path: string): string => path.split('/')[0] ?? '';

describe('imports', () => {
  test('only backend/ touches the host', () => {
    expect(offenders((source) => folder(source.path) !== 'backend' && imports(source).some((name) => name.startsWith('@tauri-apps')))).toEqual([]);
  });

  test('parts know no backend, no till and no screen', () => {
    expect(offenders((source) => folder(source.path) === 'parts' && imports(source).some((name) => /^(backend|till|screens|cart|frame)\//.test(name)))).toEqual([]);
  });

  test('screens do not import each other', () => {
    const own = (path: string): string => path.split('/').slice(0, 2).join('/');
    expect(offenders((source) => folder(source.path) === 'screens' && imports(source).some((name) => name.startsWith('screens/') && own(name) !== own(source.path)))).toEqual([]);
  });

  test('outside backend/, only the start of the program picks a host', () => {
    const hosts = /^backend\/(tauri|fake)/;
    expect(offenders((source) => folder(source.path) !== 'backend' && source.path !== 'main.ts' && imports(source).some((name) => hosts.test(name)))).toEqual([]);
  });
});

describe('money', () => {
  test('no text becomes a number', () => {
    // words.ts turns a count into a number to find its plural form.
    expect(offenders(({ path, text }) => path !== 'words.ts' && !path.startsWith('backend/fake') && /\bparseFloat\b|\bparseInt\b|\bNumber\s*\(|\bMath\.round\b|\.toFixed\(/.test(text))).toEqual([]);
  });

  test('nothing is counted with amounts', () => {
    // fake-*.ts stand in for Rust and count in whole tiyn.
    const counted = /\.figures\s*[-+*/<>]|[-+*/<>]\s*\w+(\.\w+)*\.figures\b(?!\s*[=!]==)/;
    expect(offenders(({ path, text }) => !path.startsWith('backend/fake') && counted.test(text.replace(/`[^`]*`/g, '')))).toEqual([]);
  });

  test('every payment carries a new id', () => {
    expect(offenders(({ path, text }) => folder(path) !== 'backend' && /payment(Cash|Device)\((?!id,)/.test(text))).toEqual([]);
  });
});

describe('the page', () => {
  test('no style is written into the markup', () => {
    expect(offenders(({ path, text }) => path.endsWith('.svelte') && /\sstyle(=|:)/.test(text))).toEqual([]);
  });

  test('no words stand in components', () => {
    const worded = ({ path, text }: Source): boolean => {
      if (!path.endsWith('.svelte')) return false;
      let markup = text.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->|<kbd[\s\S]*?<\/kbd>/g, '');
      // Innermost braces first, so that expressions with objects in them vanish whole.
      for (let before = ''; before !== markup; ) {
        before = markup;
        markup = markup.replace(/\{[^{}]*\}/g, '');
      }
      return /\p{L}{2,}/u.test(markup.replace(/<(?:[^>"]|"[^"]*")*>/g, '').replace(/&\w+;/g, ''));
    };
    expect(offenders(worded)).toEqual([]);
  });

  test('every control can be found by name', () => {
    const unnamed = shipped.flatMap(({ path, text }) =>
      [...text.matchAll(/<(?:button|input|Dialog\.Close|Tabs\.Trigger)\b(?:[^>"{]|"[^"]*"|\{(?:[^{}]|\{[^{}]*\})*\})*>/g)]
        .map((match) => match[0])
        .filter((tag) => !tag.includes('data-test'))
        .map((tag) => `${path}: ${tag.slice(0, 60)}`),
    );
    expect(unnamed).toEqual([]);
  });
});

test('all that moves takes its time from the tokens, and reduced motion makes those nothing', () => {
  const sheets = readdirSync('src/styles').map((name) => readFileSync(join('src/styles', name), 'utf8'));
  const timed = [...sheets, ...shipped.map(({ text }) => text)].flatMap((text) => [...text.matchAll(/[{;\s](?:transition|animation)(?:-[a-z]+)?\s*:\s*([^;}]+)/g)].map((match) => match[1] ?? ''));
  expect(timed.length).toBeGreaterThan(0);
  expect(timed.filter((value) => !/var\(--(?:fast|slow)\)/.test(value) || /\b[\d.]+m?s\b/.test(value))).toEqual([]);
  expect(offenders(({ text }) => /svelte\/(?:transition|animate|motion)|behavior: 'smooth'/.test(text))).toEqual([]);
  expect(sheets.join('\n')).toContain('@media (prefers-reduced-motion:reduce){:root{--fast:0ms;--slow:0ms}}');
});

test('files stay readable', () => {
  // contract.ts is written by Rust, one type below the other.
  expect(offenders(({ path, text }) => path !== 'backend/contract.ts' && text.split('\n').length > 310)).toEqual([]);
});

test('no any, and no switched-off check without a reason', () => {
  expect(offenders(({ text }) => /: any\b|as any\b|@ts-ignore|eslint-disable/.test(text))).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"|registry\./);
});
