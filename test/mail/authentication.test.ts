import { describe, expect, test } from 'vitest';
import { authentication } from '../../src/mail/authentication.ts';
import { readHeaderBlock } from '../../src/mail/header-block.ts';

const id = 'mx.desk.example';
const pass = `Authentication-Results: ${id}; spf=pass smtp.mailfrom=customer.example; dmarc=pass (p=reject) header.from=customer.example`;

function check(title: string, header: string[], verdict: 'pass' | 'fail' | 'none', trusted: string | null = id): void {
  test(title, () => {
    const { headers } = readHeaderBlock(Buffer.from(`${header.join('\n')}\n\n`));
    expect(authentication(headers, 'customer.example', trusted).verdict).toBe(verdict);
  });
}

describe('whether our server vouches for the author', () => {
  check('a DMARC pass of our server for the From domain is a pass', [pass], 'pass');
  check('its name may be written in any case, and with a version', [pass.replace(id, 'MX.Desk.Example 1')], 'pass');
  check('a DMARC fail is a fail', [pass.replace('dmarc=pass', 'dmarc=fail')], 'fail');
  check('without a configured name nothing is believed', [pass], 'none', null);
  check("another server's word is not believed", [pass.replace(id, 'mx.evil.example')], 'none');
  check(
    'a pass for another domain than the one we read is a fail',
    [pass.replace('header.from=customer', 'header.from=evil')],
    'fail',
  );
  check('a pass that does not say for whom is none', [pass.replace(/header.from=\S+/, '')], 'none');
  check(
    'SPF and DKIM alone are none',
    [`Authentication-Results: ${id}; spf=pass; dkim=pass header.d=customer.example`],
    'none',
  );
  check('no result at all is none', [`Authentication-Results: ${id}; none`], 'none');
  check('a temporary error is none', [pass.replace('dmarc=pass', 'dmarc=temperror')], 'none');
  check(
    'a forged block below the next Received does not change the verdict',
    [pass.replace('dmarc=pass', 'dmarc=fail'), 'Received: from evil.example by mx.desk.example', pass],
    'fail',
  );
  check(
    'a forged pass below the next Received is not believed when ours says nothing of DMARC',
    [`Authentication-Results: ${id}; spf=pass`, 'Received: from evil.example by mx.desk.example', pass],
    'none',
  );
  check('two blocks that contradict each other are a fail', [pass, pass.replace('dmarc=pass', 'dmarc=fail')], 'fail');
  check(
    'a second of our fields before the next Received counts',
    [`Authentication-Results: ${id}; spf=pass`, pass],
    'pass',
  );
  check(
    'a comment that says dmarc=pass says nothing',
    [`Authentication-Results: ${id}; spf=fail (dmarc=pass header.from=customer.example; dmarc=pass)`],
    'none',
  );
  check(
    'a quoted semicolon ends nothing',
    [`Authentication-Results: ${id}; spf=pass reason="; dmarc=pass header.from=customer.example"`],
    'none',
  );
  check(
    'a pass that rests on a DKIM signature over part of the body is none',
    [
      'DKIM-Signature: v=1; d=customer.example; l=100; b=x',
      pass.replace('spf=pass', 'dkim=pass header.d=customer.example; spf=fail'),
    ],
    'none',
  );
  check(
    'such a signature beside an SPF pass does no harm',
    ['DKIM-Signature: v=1; d=customer.example; l=100; b=x', pass],
    'pass',
  );
});
