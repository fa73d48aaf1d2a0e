// Tells the demo's story on a terminal: in colours where there is one, in plain lines where not.
import { styleText } from 'node:util';
import type { Instant } from '../clock.ts';

/** How the story is told. `at` is what the demo's clock shows. */
export interface Teller {
  title(text: string): void;
  /** What is being done just now: shown on a terminal until the next line comes, nowhere else. */
  progress(text: string): void;
  chapter(text: string): void;
  happens(at: Instant, text: string): void;
  detail(name: string, text: string): void;
  end(lines: string[]): void;
}

const width = 100;
const zone = 'Europe/Berlin';

/** A teller on standard output. */
export function teller(out: NodeJS.WriteStream): Teller {
  const style = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream: out });
  const eraseLine = '\r\u001B[2K';
  const line = (text: string) => out.write(`${out.isTTY ? eraseLine : ''}${text}\n`);
  return {
    progress(text) {
      if (out.isTTY) out.write(`${eraseLine}${style('dim', `… ${text}`)}`);
    },
    title(text) {
      line(`\n${style(['bold', 'cyan'], text)}\n`);
    },
    chapter(text) {
      line(`\n${style('bold', text)}\n${style('dim', '─'.repeat(Math.min(width, text.length)))}`);
    },
    happens(at, text) {
      line(`\n${style('yellow', clock(at))}  ${wrap(text, 18)}`);
    },
    detail(name, text) {
      line(`${' '.repeat(18)}${style('green', `${name}:`)} ${wrap(text, 18 + name.length + 2)}`);
    },
    end(lines) {
      line('');
      for (const text of lines) line(style('bold', text));
    },
  };
}

function clock(at: Instant): string {
  const local = at.toZonedDateTimeISO(zone);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = local.toLocaleString('en', { weekday: 'short', day: '2-digit', month: 'short' });
  return `${day} ${two(local.hour)}:${two(local.minute)}`.padEnd(16);
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    if (current !== '' && current.length + word.length + 1 > width - indent) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current].join(`\n${' '.repeat(indent)}`);
}
