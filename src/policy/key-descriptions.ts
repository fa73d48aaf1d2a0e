// What each key of the policy says, for the editor of whoever writes one: shown beside the key and offered when completing. By path; `*` stands
// for a name of one's own, for either product line and for each severity, so that what is the same is said once.

const calendars = {
  calendars: 'Calendars by name: the zone, opening hours and holidays that working time is counted in.',
  'calendars.*.zone': 'Time zone, such as UTC or Europe/Berlin; summer time follows by itself.',
  'calendars.*.hours':
    'Opening hours by weekday, like mon: [09:00-12:00, 13:00-18:00]; 22:00-06:00 runs into the next day. A day left out is closed.',
  'calendars.*.holidays': 'Closed dates, like 2026-12-25.',
  'calendars.*.holidaysOf': 'Closed on the public holidays of a country besides; null: on none.',
  'calendars.*.holidaysOf.country': 'Country code such as DE.',
  'calendars.*.holidaysOf.state': 'State or region code such as BE; null: what the whole country keeps.',
  'calendars.*.exceptions':
    'Dates with other hours: 2026-12-24: [09:00-13:00], 2026-12-28: []. They go before everything else.',
};

const lines = {
  lines: 'The two product lines, corporate and mobility.',
  'lines.*': 'One product line: how its cases are followed up, closed and judged, and its products.',
  'lines.*.title': 'The name of the line in letters.',
  'lines.*.calendar': 'Name of the calendar in which its engineers work and its follow-ups are counted.',
  'lines.*.registrationRequired':
    'Whether technical help asks for a registered product (a serial number, or a plan for it).',
  'lines.*.followUp': 'What happens while a customer does not answer.',
  'lines.*.followUp.steps': 'Time before each automatic follow-up, the first from our answer: [3d, 3d, 4d].',
  'lines.*.followUp.after': 'After the last one: stay-open (the owner is told) or close.',
  'lines.*.followUp.closeAfter': 'With after: close, the time from the last follow-up to closing; else null.',
  'lines.*.followUp.mayAskMoreTime': 'Whether a customer may answer MORE TIME, which starts the clock again.',
  'lines.*.followUp.holdToBusinessHours': 'Whether follow-ups wait until the calendar is open.',
  'lines.*.reopen': 'Whether a reply reopens a closed case: never, or { days: 14 }. Otherwise it opens a linked case.',
  'lines.*.reopen.days': 'Days after closing in which a reply reopens the case.',
  'lines.*.severities': 'The four severities in the customer’s words.',
  'lines.*.severities.*': 'One severity.',
  'lines.*.severities.*.label': 'Its name by language; en is needed.',
  'lines.*.severities.*.description': 'What it means, by language; en is needed.',
  'lines.*.defaultSeverity': 'The severity of a mail that no rule speaks of.',
  'lines.*.products': 'Products by name. An entry set to null takes a shipped product away.',
  'lines.*.products.*.aliases': 'Other names that customers use.',
  'lines.*.products.*.current': 'The current version, in quotes; null: unknown, and no version is called old.',
  'lines.*.products.*.previous':
    'The version before, the oldest that is supported; null: unknown, and no version is called old.',
  'lines.*.products.*.latestBuild':
    'The newest build of the current version; null: unknown, and no build is called old.',
};

const plans = {
  plans: 'Support plans by id; of several valid ones the best for the severity serves a case.',
  'plans.*.title': 'The name in letters.',
  'plans.*.availability': 'Whether targets are counted in business-hours or around-the-clock.',
  'plans.*.calendar': 'Name of the calendar of its business hours.',
  'plans.*.methods': 'Ways to reach us under this plan.',
  'plans.*.targets': 'Time to the first answer of a person, by severity.',
  'plans.*.targets.*': 'Time to the first answer, like 1d, 4h or 1 business day.',
  'plans.*.enhanced': 'Whether it is enhanced support: day and night, severity A first.',
  'plans.*.scope': 'unlimited, trial (only until it ends), or incident (one case for each that was bought).',
  'plans.*.spendFor': 'Severities for which a bought incident is used though another valid plan would do.',
  'plans.*.warnAboveCases':
    'Cases of one customer in 30 days above which the escalation contact is told, once; nobody is refused. null: never.',
  fallbackPlan: 'Id of the plan that serves administrative requests, and those who have no valid plan.',
};

const rules = {
  rules: 'How a mail is read: what it is about and how severe it is. Rules are looked at from the top, your own first.',
  'rules.spellings': 'Ways to write the same words: can not: [cannot, can’t].',
  'rules.negations': 'Words that take a phrase back: "no data loss".',
  'rules.negations.reach': 'How many words away they still do.',
  'rules.negations.before': 'Words that do so before the phrase.',
  'rules.negations.after': 'Words that do so after it.',
  'rules.suppositions': 'Words that make a whole clause a supposition or the past: "to avoid data loss".',
  'rules.clauseBreaks': 'Words that end a clause, besides punctuation: but.',
  'rules.versionWords': 'Words before a version number.',
  'rules.buildWords': 'Words before a build number.',
  'rules.foreignProducts': 'Other makers’ products, whose versions are not ours.',
  'rules.topics': 'What a mail can be about, by name.',
  'rules.severity': 'Severity rules by name; the first that holds decides.',
  'rules.topics.*.kind': 'administrative (needs no plan), out-of-scope (no plan includes it) or feedback.',
  'rules.severity.*.severity': 'The severity of a mail for which the rule holds.',
  'rules.signs':
    'What speaks for a severity and against another, by name; weighed together where no severity rule holds.',
  'rules.signs.*.weigh': 'Points of the sign by severity.',
  'rules.signs.*.weigh.*': 'Points for this severity, or against it.',
  'rules.headStart': 'Points with which the line’s default severity begins when signs are weighed.',
  'rules.*.*.topics': 'Topics of which the mail must be about one.',
  'rules.*.*.lines': 'Only mails of these product lines.',
  'rules.*.*.products': 'Only mails about these products.',
  'rules.*.*.senderDomains': 'Only senders of these mail domains or below them.',
  'rules.*.*.versions': 'Only these versions, as far as written, or old: older than the supported ones.',
  'rules.*.*.accounts': 'Only senders of these accounts.',
  'rules.*.*.plans': 'Only senders who hold one of these plans.',
  'rules.*.*.mailboxes': 'Only mails that came to these mailboxes (their ids in casepost.yaml).',
  'rules.*.*.languages': 'Only mails written in these languages.',
  'rules.*.*.attachments': 'Only with something attached that is so: any, none, .log or image/*.',
  'rules.*.*.desk': 'Only while the line’s calendar is open, or closed.',
  'rules.*.*.weekdays': 'Only on these days.',
  'rules.*.*.priorCases': 'Only senders who had so many cases before.',
  'rules.*.*.priorCases.days': 'Days that are looked back on.',
  'rules.*.*.priorCases.atLeast': 'At least so many cases.',
  'rules.*.*.priorCases.atMost': 'At most so many cases; null: any number.',
  'rules.*.*.any':
    'Phrases of which one stands in a sentence. Letter case and accents do not count; fail* is any word that begins so.',
  'rules.*.*.and': 'Phrases of which one stands in the same sentence.',
  'rules.*.*.unless': 'Phrases of which none stands in that sentence.',
  'rules.*.*.mentions': 'Phrases of which one stands anywhere in the mail.',
  'rules.*.*.unlessMentions': 'Phrases of which none stands anywhere in the mail.',
  'rules.*.*.where': 'Where any: is looked for: anywhere, or in the subject.',
  'rules.*.*.evenTakenBack': 'Whether negated or supposed words count too.',
};

const people = {
  engineers:
    'Who answers customers. Cases go to who speaks the language, is at work, knows the product and has the fewest.',
  'engineers[].name': 'The name that customers see.',
  'engineers[].address': 'The address that notices go to, and answers come from.',
  'engineers[].lines': 'Product lines they serve.',
  'engineers[].products': 'Products they know, as named in lines; empty: all of their lines.',
  'engineers[].languages': 'Languages they write, like [en, de]; notices to them use the first.',
  'engineers[].away': 'true: they get no new cases until this is changed.',
  'engineers[].daysAway': 'Days away, both included: 2026-12-24..2027-01-02.',
  'engineers[].standIn': 'Address of the engineer who is told of their cases meanwhile; null: they are themselves.',
  'engineers[].calendar': 'Name of their own calendar; null: that of the line.',
  'engineers[].maxOpen': 'Open cases above which they get no more; null: no limit.',
  escalation: 'Whom to turn to beside the owner of a case; null: nobody.',
  'escalation.address':
    'Told when nobody can take a case, when a target is missed and when a plan is used beyond its limits.',
  'escalation.engineering': 'The maintenance queue: told when a case is passed on to engineering; null: nobody.',
  bugs: 'Bugs of engineering that cases wait for.',
  'bugs.url': 'Where a bug is read, with {id} where its id belongs; null: ids only.',
  'bugs.maintenance': 'Plans whose holders are told when a bug of theirs is mended; empty: everybody is.',
};

const letters = {
  company: 'The name of the company in letters.',
  acknowledgment: 'What the confirmation of a new case asks for and suggests.',
  'acknowledgment.asks': 'Questions by name, in this order; null takes a shipped one away.',
  'acknowledgment.asks.*.lines': 'Product lines whose customers are asked.',
  'acknowledgment.asks.*.ask': 'The question by language; en is needed.',
  'acknowledgment.asks.*.known': 'Phrases that show that the mail has said it already.',
  'acknowledgment.asks.*.knownBy': 'What else answers it: a product or version we know, an attachment; null: nothing.',
  'acknowledgment.asksMax': 'Most questions of one letter.',
  'acknowledgment.suggestions': 'Self-service pages by name; those whose words stand in the mail are shown.',
  'acknowledgment.suggestions.*.lines': 'Product lines whose customers see it.',
  'acknowledgment.suggestions.*.title': 'What the page is, by language; en is needed.',
  'acknowledgment.suggestions.*.url': 'Its address.',
  'acknowledgment.suggestions.*.words': 'Phrases of which one must stand in the mail.',
  'acknowledgment.suggestionsMax': 'Most pages of one letter.',
  'acknowledgment.howToRegister':
    'How to register, renew or buy, for those whose product is not registered; by language.',
  'acknowledgment.howToRenew': 'The same for a registered product without a valid plan; null: howToRegister is shown.',
  keywords: 'Changes to the shipped words of an answer that means something by itself, over all languages.',
  'keywords.*': 'Changes to one list of words; src/mail/keyword-words.ts says what each is for.',
  'keywords.*.add': 'Words to know besides.',
  'keywords.*.remove': 'Shipped words to forget.',
};

const limits = {
  authentication:
    'Whether a reply must prove its sender (DMARC): required, when-present (only a failure counts) or off.',
  linkAfterDays: 'A reply to a case closed longer ago opens a linked case, whatever the line says.',
  holdRetentionDays: 'Days for which held mails are kept.',
  engineerTokenDays: 'Days in which an engineer may answer a notice by mail.',
  language:
    'Of letters to those of whom neither contact nor account nor their own mail tells it; a code like en or de.',
  acknowledgeWithinDays: 'A mail older than this gets a case but no confirmation.',
  warnAtPercent: 'Shares of the time to the first answer at which the owner is warned; 100 is the target itself.',
  loops: 'Caps that keep two machines from answering each other.',
  'loops.acknowledgmentsPerCase': 'Confirmations of one case.',
  'loops.lettersPerAddressIn10Minutes': 'Automatic letters to one address in ten minutes.',
  'loops.lettersPerAddressIn3Hours': 'Automatic letters to one address in three hours.',
  'loops.lettersPerAddressADay': 'Automatic letters to one address in a day.',
  'loops.lettersPerUnprovenAddressADay': 'The same while it has not shown that it reads our mail.',
  'loops.sameMailsAnHour': 'Like mails of a sender in an hour; more are filed on one case without a confirmation.',
  'loops.lettersPerDomainAnHour': 'Letters to unproven addresses of one domain in an hour.',
  'loops.breakerTimesWeeklyMean':
    'Letters to unproven addresses are held when an hour has so many times the mean of the week.',
  'loops.breakerLettersAnHour': 'Never held below so many in an hour.',
  'loops.reopensPerCaseAnHour': 'Times a case may be reopened in an hour.',
  'loops.noticesPerCaseAnHour': 'Letters to engineers about one case in an hour.',
  'loops.noticesPerEngineerAnHour': 'Letters to one engineer in an hour.',
  'loops.refusalsPerEngineerAnHour': 'Of these, refusals that anybody who writes under their name can cause.',
  'loops.followUpsPerCase': 'Follow-ups that a customer gets in a row.',
  'loops.receivedHeadersMax': 'Servers a mail may have passed; more is taken for a loop.',
  'loops.suppressedDays': 'Days for which an address that can not be reached gets no automatic letters.',
};

/** Descriptions by path. */
export const keyDescriptions: Readonly<Record<string, string>> = {
  ...letters,
  ...limits,
  ...calendars,
  ...lines,
  ...plans,
  ...rules,
  ...people,
};

/** The path under which `path` (a key at `.`, an entry of a list at `[]`) is described; null when it is not. */
export function describedPath(path: string): string | null {
  const general = path.replace(/^(lines|keywords)\.\w+/, '$1.*').replace(/(severities|targets|weigh)\.[A-D]\b/, '$1.*');
  const anyRule = general.replace(/^rules\.(topics|severity|signs)\.\*/, 'rules.*.*');
  return [path, general, anyRule].find((one) => one in keyDescriptions) ?? null;
}
