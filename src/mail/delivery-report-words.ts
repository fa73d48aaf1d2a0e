// The status of a report (RFC 3463) out of what the mail systems say: the enhanced code in the diagnosis, else the SMTP reply code, else the words.
// What is told as a delay or a time-out may pass (class 4); everything else is final (class 5).

/** What is known about one recipient. `around` is text that may speak of others too: it is used only when nothing better is there. */
export interface Saying {
  diagnostic: string;
  declared: string | null;
  around: string;
  delayed: boolean;
}

/** Words that tell a status when no code does. A new wording is a new row; the first that matches counts. */
const words: readonly [RegExp, string][] = [
  [
    /mailbox (?:is )?(?:full|quota)|over ?quota|quota (?:exceeded|violation)|exceeded (?:storage|quota|the local limit)|full mailbox|mailbox.{0,20}exceed|disk quota/i,
    '5.2.2',
  ],
  [
    /host unknown|unknown host|unrouteable|domain does not exist|no such domain|name (?:or service|server) not|no mail exchanger|host or domain name not found|bad destination/i,
    '5.1.2',
  ],
  [
    /user unknown|unknown user|no such (?:user|address|recipient|mailbox|account)|does(?: not|n['’]t) (?:exist|have an? \S+ account)|not listed in|mailbox (?:not found|unavailable)|unknown (?:recipient|address|local)|invalid (?:recipient|user|mailbox|address|final delivery userid)|recipient name is not recognized|no mailbox here|addressee unknown/i,
    '5.1.1',
  ],
  [/(?:account|mailbox|user).{0,30}(?:disabled|inactive|suspended|discontinued|locked)/i, '5.2.1'],
  [/size limit|too (?:large|big)|message size|exceeds? (?:the )?maximum/i, '5.3.4'],
  [/relay(?:ing)? (?:access )?denied|not permitted to relay|relaying/i, '5.7.1'],
  [/spam|blocked|blacklist|block ?list|policy|rejected (?:due to|for)|not authori[sz]ed|permission|virus/i, '5.7.1'],
];
const passing: readonly [RegExp, string][] = [
  [/retry timeout exceeded|retry time not reached/i, '4.4.7'],
  [
    /timed? ?out|time-out|connection (?:refused|reset|dropped|closed|lost)|could not initiate smtp|not responding|host not reachable|network (?:error|is unreachable)|no route to host|socket error|did not accept our requests/i,
    '4.4.1',
  ],
  [
    /expired|queue too long|not (?:yet )?been delivered|delivery attempts|will be retried|has been delayed|still (?:being )?tr(?:ied|ying)/i,
    '4.4.7',
  ],
  [/temporar(?:y|ily)|try again later|greylist|deferred/i, '4.0.0'],
];

/** The status and whether it is final. `declared` (the Status field) gives way to a more exact code of the same class in the diagnosis. */
export function statusOf({ diagnostic, declared, around, delayed }: Saying): { status: string; permanent: boolean } {
  const status = settle(diagnostic, declared, around, delayed);
  return { status, permanent: status.startsWith('5') };
}

function settle(diagnostic: string, declared: string | null, around: string, delayed: boolean): string {
  const exact = enhancedCode(diagnostic, declared?.[0] ?? null);
  if (declared !== null && !isVague(declared)) return declared;
  if (exact !== null) return exact;
  if (declared !== null) return declared;
  const reply = replyClass(diagnostic);
  if (reply !== null) return delayed ? '4.0.0' : `${reply}.0.0`;
  const word = byWords(diagnostic, delayed);
  if (word !== null) return word;
  const nearby = enhancedCode(around, null);
  if (nearby !== null) return nearby;
  const nearReply = replyClass(around);
  if (nearReply !== null) return delayed ? '4.0.0' : `${nearReply}.0.0`;
  return byWords(around, delayed) ?? (delayed ? '4.4.7' : '5.0.0');
}

function isVague(status: string): boolean {
  return status.endsWith('.0') || status === '4.4.7';
}

/** The first enhanced code that is exact; IP addresses and version numbers are not taken for one. */
function enhancedCode(text: string, ofClass: string | null): string | null {
  const codes = [...text.slice(0, 8000).matchAll(/(?<![\d.\w])#?([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)/g)]
    .filter((code) => Number(code[2]) <= 7 && (ofClass === null || code[1] === ofClass))
    .map((code) => `${code[1]}.${Number(code[2])}.${Number(code[3])}`);
  return codes.find((code) => !isVague(code)) ?? codes[0] ?? null;
}

/** The class of the first SMTP reply code that stands where reply codes stand (RFC 5321 section 4.2). */
function replyClass(text: string): string | null {
  const found =
    /(?:^|[\s:;,(>[])(?:smtp(?: error)?[^\n]{0,40}?|said:?|code:?|responsecode|error_code ?:|with:?|<<<|server message)?\s*([45])[0-5]\d(?=[ -](?!\d{2}:)|[:,)\]]|$)/im.exec(
      text.slice(0, 8000),
    );
  return found?.[1] ?? null;
}

function byWords(text: string, delayed: boolean): string | null {
  const passed = passing.find(([pattern]) => pattern.test(text));
  const final = words.find(([pattern]) => pattern.test(text));
  if (delayed) return passed?.[1] ?? (final ? '4.0.0' : null);
  // Exim gives up at once on a host that failed for days, whatever was wrong; of others we know only that they have given up.
  if (passed?.[0] === passing[0]?.[0]) return passed?.[1] ?? null;
  return final?.[1] ?? passed?.[1].replace(/^4/, '5') ?? null;
}
