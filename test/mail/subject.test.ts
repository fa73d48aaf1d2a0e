// Which case numbers a subject names, and what a subject is without its prefixes.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareSubject, caseNumbers } from '../../src/mail/subject.ts';

function check(subject: string, expected: number[]): void {
  test(`${JSON.stringify(subject)} names ${JSON.stringify(expected)}`, () => {
    expect(caseNumbers(subject)).toEqual(expected);
  });
}

check('[Case 00000001] Backup fails', [1]);
check('Case 00000001', [1]);
check('Case # 00000001', [1]);
check('Case #1', [1]);
check('Support Case 00000001', [1]);
check('#00000001', [1]);
check('case number: 1', [1]);
check('case number 1', [1]);
check('Case no. 7', [7]);
check('CASE NUMBER: 00000042', [42]);
check('RE: AW: FWD: [CASE 00000042] Backup fails', [42]);
check('Re: [cAsE 00000042]Backup', [42]);
check('[Case ００００００４２] full-width', [42]);
check('［Ｃａｓｅ ００００００４２］ all full-width', [42]);
check('＃００００００４２', [42]);
check('[Case\t00000042]', [42]);
check('[Case\u00a000000042]', [42]);
check('[Case 000\u200b00042]', [42]);
check('[Case 123456789]', [123456789]);
check('[#12] [#13]', [12, 13]);
check('[#00012]', [12]);
check('[Case 5]', [5]);
check('[Case 00000002] was [Case 00000001], [Case 00000002]', [2, 1]);
check('', []);
check('Backup fails', []);
check('[#99999999999999999999]', []);
check('[Case 99999999999999999999]', []);
check('[#-1]', []);
check('[Case -1]', []);
check('[Case 0]', []);
check('Case 00000000', []);
check('error #5 and issue #12', []);
check('in case 12 users log on', []);
check('edge case: 3 disks fail', []);
check('Showcase 00000001', []);
check('use-case 00000001', []);
check('Case 00000001-2', []);
check('Case 00000001.5', []);
check('Case 00000001abc', []);
check('[Case ١٢٣]', []);
check("'; drop table cases; -- %s %n", []);
check('Case ①', []);

function checkBare(subject: string, expected: string): void {
  test(`${JSON.stringify(subject.slice(0, 60))} is bare ${JSON.stringify(expected)}`, () => {
    expect(bareSubject(subject)).toBe(expected);
  });
}

checkBare('Backup fails', 'Backup fails');
checkBare('Re: Backup fails', 'Backup fails');
checkBare('RE: AW: SV: VS: Antw: RES: RIF: ODP: YNT: TR: WG: FW: FWD: Backup', 'Backup');
checkBare('回复: Backup', 'Backup');
checkBare('答复：转发：Backup', 'Backup');
checkBare('Ответ: Backup', 'Backup');
checkBare('İLT: Backup', 'Backup');
checkBare('Re[2]: Re(3): Re^4: Backup', 'Backup');
checkBare('Re : Backup', 'Backup');
checkBare('[list] Re: [other list] Backup', 'Backup');
checkBare('Re: [Case 00000042] Backup', 'Backup');
checkBare('Backup [Case 00000042]', 'Backup');
checkBare('Backup, Case # 42', 'Backup,');
checkBare('Fwd: Backup (fwd)', 'Backup');
checkBare('  Backup \t\n fails ', 'Backup fails');
checkBare('Regarding: Backup', 'Regarding: Backup');
checkBare('Report: Backup', 'Report: Backup');
checkBare('Re:'.repeat(500), '');
checkBare('[Case 00000042]', '');

test('any subject: numbers are positive, safe and single, and the bare subject is no longer than the subject', () => {
  const piece = fc.oneof(
    fc.constantFrom('[', ']', '#', 'case', 'Case ', 'number', ':', ' ', '0', '00000001', 'Re:', '-', '９'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const subject = pieces.join('');
      const numbers = caseNumbers(subject);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const number of numbers) expect(Number.isSafeInteger(number) && number > 0).toBe(true);
      expect(bareSubject(subject).length).toBeLessThanOrEqual(subject.length);
    }),
  );
});

test('long subjects are read in their beginning only (B45)', () => {
  for (const unit of ['Re:', '[', 'case ', '#', '[a]', 'case number: ', '😀', '0']) {
    const subject = unit.repeat(50_000);
    expect(caseNumbers(subject)).toEqual([]);
    expect(bareSubject(subject).length).toBeLessThanOrEqual(2000);
  }
});
