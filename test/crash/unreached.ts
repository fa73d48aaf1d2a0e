// Points that no work of the enumeration passes, and why that loses nothing. A pattern that fits no await any more is a failure of the house
// test; a point that neither a work passes nor a line here explains is one of the enumeration.

/** Points by a pattern of their await's name. */
export const unreached: { awaits: RegExp; because: string }[] = [
  {
    awaits: /^gateway\.ts:startGateway#/,
    because: 'a port was taken, or the pages are on: nothing of a mail was begun',
  },
  { awaits: /^gateway\.ts:stop#1$/, because: 'the pages are closed, which change nothing' },
  { awaits: /^intake\/imap-connection\.ts:openFolder#2$/, because: 'the folder is not there: said, and nothing read' },
  {
    awaits: /^intake\/imap-place\.ts:(serverUids|highestUid|expectedUids)#/,
    because: 'asks the server which mails there are: nothing is stored by it, and it is asked again',
  },
  {
    awaits: /^intake\/imap-place\.ts:findPlace#2$/,
    because: 'looks for the start of a folder, before a first mail is read',
  },
  {
    awaits: /^intake\/imap-read\.ts:readNew#3$/,
    because: 'asks whether mails are still there that could not be read before; nothing is stored by it',
  },
  {
    awaits: /^intake\/large\.ts:hold#1$/,
    because: 'waits at the door until other large mails leave room: nothing of the mail is stored',
  },
  { awaits: /^intake\/imap\.ts:look#4$/, because: 'raises an alarm; the mails stay recorded as unmarked' },
  {
    awaits: /^intake\/receive\.ts:receiveNext#4$/,
    because: 'for "ingest", which names its mail; each step of it is a receiveNext',
  },
  {
    awaits: /^(intake\/mail-facts\.ts:readMailFacts#11|store\/evidence\.ts:priorCases#1)$/,
    because: 'no shipped rule asks for earlier cases; one more read of a transaction that wrote nothing yet',
  },
  {
    awaits: /^mail\/parser-pool\.ts:parse#1$/,
    because: 'more than 16 mails wait for a thread; six workers never ask so',
  },
  {
    awaits: /^mail\/parser-pool\.ts:close#1$/,
    because: 'the workers have stopped before, so no thread reads any more',
  },
  { awaits: /^policy-watch\.ts:watchPolicy#[23]$/, because: 'raises and clears an alarm' },
  { awaits: /^postbox\/deliver\.ts:drainPostbox#/, because: 'for "send"; each step of it is one of the drain' },
  { awaits: /^desk\.ts:carryOut#3$/, because: 'a text of a letter is broken: raises an alarm in the same commit' },
  {
    awaits: /^postbox\/record\.ts:recordFate#2$/,
    because: 'waits for the database to come back; a fate that is lost is the kill before it',
  },
  {
    awaits: /^store\/outbox\.ts:recordSent#/,
    because:
      'several letters were accepted in one moment: each is a writeSent, and one commit holds all of them or none',
  },
  {
    awaits: /^postbox\/deliver\.ts:startPostbox#2$/,
    because: 'waits while the peer takes nothing: no letter is in hand',
  },
  {
    awaits: /^postbox\/transport\.ts:(signIn|openSession|connected)#/,
    because: 'a login: before any letter is begun, as connecting is',
  },
  {
    awaits: /^postbox\/worker\.ts:renew#1$/,
    because: 'each 15 s while a peer is silent; only the end of a lease moves',
  },
  {
    awaits: /^intake\/mail-facts\.ts:readMailFacts#6$/,
    because: 'a copy of the mail was committed between two reads: a number from the sequence, which nobody has yet',
  },
  {
    awaits: /^intake\/imap-mark\.ts:stillThere#[23]$/,
    because:
      'only where a mail is gone or too new for the session; it asks and nothing else (test/gateways/stale.test.ts)',
  },
  {
    awaits: /^intake\/imap-mark\.ts:markDecided#3$|^store\/inbound\.ts:keepClaimed#1$/,
    because:
      'a server answers later than a second: the claim to flag is asked for once more (test/gateways/stale.test.ts)',
  },
  {
    awaits: /^postbox\/supply\.ts:giveBack#1$/,
    because: 'letters that nobody has begun when the server goes away: without it their claims run out',
  },
  {
    awaits: /^postbox\/supply\.ts:openSupply#1$|^store\/lease\.ts:heldLetters#1$/,
    because:
      'a letter is begun a second or more after it was claimed: it is asked for once more, and nothing is written',
  },
  {
    awaits: /^store\/lease\.ts:renewLease#1$/,
    because: 'each 15 s while a peer is silent; only the end of a lease moves',
  },
  {
    awaits: /^letters\/(checker|checker-worker|loose)\.ts:/,
    because: 'for the pages of letters and "template", and a sign-in: no mail is in hand',
  },
  {
    awaits:
      /^(template-list|template-preview)\.ts:|^templates\.ts:(restoreTemplate|written|saveChecked|importTemplates|templateVersions)#/,
    because: 'for the pages of letters and "template"; a save is one transaction',
  },
  {
    awaits: /^store\/templates\.ts:(lockTemplates|insertTemplate|sentAsShipped)#|^store\/outbox\.ts:insertLoose#/,
    because: 'for the pages of letters and "template"; a statement of one commit',
  },
  { awaits: /^template-watch\.ts:sound#/, because: 'a text was changed: read, and an alarm raised or cleared' },
  {
    awaits: /^(desk\.ts:tellBroken#1|letters\/render\.ts:render#2)$/,
    because: 'a changed text is broken: the one before it is taken, and an alarm is a statement of the commit',
  },
  { awaits: /^rules\.ts:(loadRules|applyPolicy)#/, because: 'for "check" and "policy apply"' },
  {
    awaits: /^rules\.ts:(openPolicy#6|pinAnew#[12])$/,
    because:
      'mails are pinned and a policy judges them otherwise: said at the start, in a transaction without any mail',
  },
  { awaits: /^store\/policies\.ts:findPolicy#1$/, because: 'for "policy show"' },
  {
    awaits: /^store\/caps\.ts:countAlone#3$/,
    because: 'the breaker counts alone above 2,000 letters an hour; a lock, no change',
  },
  {
    awaits: /^store\/unproven\.ts:(countUnproven#[23]|weekOf#1)$/,
    because: 'read above 2,000 letters an hour only',
  },
  {
    awaits: /^store\/cases\.ts:removeParticipant#1$/,
    because: 'by an engineer at the shell only; a statement of one commit',
  },
  {
    awaits: /^store\/commit\.ts:returnIncident#1$/,
    because: 'by an engineer at the shell only; a statement of one commit',
  },
  {
    awaits: /^tick\.ts:(queueAssigned#[2-9]|queueTaken#)/,
    because: 'nobody of the works is without an owner; a case found one in one commit, or is found one a minute later',
  },
  {
    awaits: /^store\/(commit\.ts:apply#[12]|history\.ts:readDescription#1)$/,
    because:
      'a release is told, an engineer is back, a case passed to engineering, or an owner found: a statement of one commit',
  },
  { awaits: /^store\/db\.ts:(openDatabase|close)#/, because: 'the embedded database, and closing: nothing is in hand' },
  { awaits: /^store\/db\.ts:shareConnections#2$/, because: 'waits for a connection of an overfull server' },
  {
    awaits: /^store\/lineage\.ts:(skipNumbers|enterLineage)#/,
    because: 'once after a failover, in one transaction; test/outage',
  },
  { awaits: /^store\/migrate\.ts:migrate#[89]$/, because: 'down, by "migrate --to"' },
  {
    awaits: /^store\/outbox\.ts:(releaseHeld|letters|waitingLetters)#/,
    because: 'for "send --release", "case show" and "send"',
  },
  { awaits: /^store\/outcome\.ts:/, because: 'for "ingest", which tells what was decided before' },
  { awaits: /^store\/schedule\.ts:nextDueAt#1$/, because: 'for "tick --json"' },
  {
    awaits: /^store\/batch\.ts:ask#1$/,
    because: 'a statement that is not prepared: a migration, or the embedded database',
  },
  {
    awaits: /^store\/transaction\.ts:transactOn#3$/,
    because: 'a rollback: a gateway that dies before it says so has rolled back as well',
  },
];
