// How mail systems write a report without RFC 3464. One row a system: a sign in its notice (or subject) that nobody else writes, and, where the common
// patterns of delivery-report.ts would find the wrong address, how it names its recipients. A new format is a row here and a fixture.

/**
 * A plain-text form. `sign` must be in the notice, or in the subject when `in` says so. `recipient` (global, its groups) finds the addresses;
 * `returned` says that only the returned message names them.
 */
export interface ReportFormat {
  name: string;
  sign: RegExp;
  in?: 'subject';
  recipient?: RegExp | 'returned';
  /** Set when the form itself tells a delay. */
  delayed?: RegExp;
}

const address = '[^\\s<>"(),;:]{1,64}@[^\\s<>"(),;:\\]]{3,255}';
const pattern = (source: string): RegExp => new RegExp(source.replaceAll('ADDRESS', `(${address})`), 'gim');

/** The first row whose sign is met counts. */
export const reportFormats: readonly ReportFormat[] = [
  {
    name: 'qmail',
    sign: /this is the qmail-send program|i wasn['’]t able to deliver your message to the following|i tried to deliver a message on your behalf/i,
    recipient: pattern('^[ \\t]*<ADDRESS>:'),
  },
  {
    name: 'Zoho',
    sign: /\[status: error, address: <|ERROR_CODE ?:/i,
    recipient: pattern('(?:Address: <|^[ \\t]*)ADDRESS(?:>, ResponseCode|[ \\t]+Error, )'),
  },
  {
    name: 'Exim delay',
    sign: /has not yet been delivered to (?:one or more|all) of its/i,
    delayed: /has not yet been delivered/i,
  },
  {
    name: 'Exim',
    sign: /this message was created automatically by (?:mail delivery (?:software|system)|the mail system)/i,
  },
  {
    name: 'Postfix',
    sign: /this is the (?:postfix program|mail system) at host|i['’]m sorry to have to inform you that your message could not/i,
    recipient: pattern('^[ \\t]*<ADDRESS>(?: \\(expanded from [^)\\n]*\\))?:'),
  },
  {
    name: 'Sendmail',
    sign: /-{3,} ?(?:the following addresses had|transcript of session follows)/i,
    recipient: pattern('^(?:>>> |[ \\t]*"?<?|(?:5\\d\\d|4\\d\\d) <?)ADDRESS>?(?:\\.{3}|"?>?[ \\t]*(?:$|<|\\[|\\())'),
  },
  {
    name: 'Gmail',
    sign: /delivery to the following recipients? (?:failed|has been delayed)|technical details of (?:permanent|temporary) failure/i,
    delayed: /has been delayed/i,
  },
  { name: 'Google Groups', sign: /groups\.google\.com\/support|google\s+groups/i, recipient: 'returned' },
  { name: 'Yahoo', sign: /sorry, we were unable to deliver your message to the following address/i },
  {
    name: 'Exchange 5.5–2003',
    sign: /did not reach the following recipient/i,
    recipient: pattern('^[ \\t]*ADDRESS on \\w{3}|did not reach the following recipient(?:\\(s\\))?:\\s+ADDRESS'),
  },
  {
    name: 'Exchange and Microsoft 365',
    sign: /delivery has failed to these recipients|your message to .{1,200} couldn['’]t be delivered|diagnostic information for administrators|informations? de diagnostic|informazioni di diagnostica|diagnoseinformationen|información de diagnóstico|diagnostisk information|RESOLVER\.ADR/i,
  },
  {
    name: 'Domino',
    sign: /was not delivered to:\s+\S[^\n]*\s+because:/i,
    recipient: pattern('was not delivered to:\\s+ADDRESS'),
  },
  {
    name: 'DragonFly',
    sign: /this is the dragonfly mail agent/i,
    recipient: pattern('delivering your mail to <?ADDRESS>?'),
  },
  {
    name: 'OpenSMTPD',
    sign: /this is the mailer-daemon, please do not reply/i,
    recipient: pattern('^ADDRESS:'),
    delayed: /a message is delayed for more than/i,
  },
  {
    name: 'Courier',
    sign: /(?:this is a|this) delivery status notification from .{1,100}courier|this is a delivery status notification from/i,
  },
  {
    name: 'IMail',
    sign: /invalid final delivery userid|delivery failed \d+ attempts:|(?:unknown user|unknown host|exceeds allowed size): \S+@|undeliverable to \S+@/i,
    recipient: pattern('(?:userid|attempts|unknown user|undeliverable to|unknown host|allowed size):? *ADDRESS'),
  },
  {
    name: 'MailFoundry',
    sign: /unable to deliver message to: </i,
    recipient: pattern('unable to deliver message to: <ADDRESS>'),
  },
  { name: 'MailMarshal', sign: /the following recipients were affected:/i },
  { name: 'm-FILTER', sign: /m-FILTER/ },
  { name: 'MFilter and McAfee', sign: /--- the following addresses had delivery problems ---/i },
  {
    name: 'EZweb (au)',
    sign: /each of the following recipients was rejected|the following recipients did not receive this message|the user\(s\) account is/i,
    recipient: pattern('^[ \\t]*<ADDRESS>'),
  },
  {
    name: 'Verizon Wireless',
    sign: /message could not be delivered to mobile/i,
    recipient: pattern('^[ \\t]*To:[ \\t]*<?ADDRESS'),
  },
  { name: 'Apache James', sign: /error message below:\s+\d{3} /i, recipient: pattern('RCPT TO: *<?ADDRESS') },
  {
    name: 'SurfControl',
    sign: /your message could not be sent\.|surfcontrol/i,
    recipient: pattern('Addressed To: *ADDRESS'),
  },
  {
    name: 'Unable to deliver',
    sign: /unable to deliver message to the following address|an error occurred while trying to deliver the mail to the following recipients/i,
  },
  {
    name: 'Automatic bounce notification',
    sign: /automatic bounce notification/i,
    recipient: pattern('target mail address:[ \\t]*ADDRESS'),
  },
  { name: 'Notes', sign: /-{3,} ?failure reasons/i },
  {
    name: 'KDDI (au)',
    sign: /could not be delivered to:?\s+<|as their mailbox is full/i,
    recipient: pattern('could not be delivered to:?\\s+<ADDRESS>'),
  },
  {
    name: 'InterScan',
    sign: /sent (?:<<<|>>>) rcpt to:|unable to deliver message to </i,
    recipient: pattern('(?:RCPT TO:|unable to deliver message to ) *<ADDRESS>'),
  },
  {
    name: 'Rejecting SMTP server',
    sign: /we had trouble delivering your message/i,
    recipient: pattern('rejected recipient <ADDRESS>'),
  },
  {
    name: 'fml',
    sign: /original mail as follows|you are not a member of this mailing list|reject mail from/i,
    recipient: 'returned',
  },
  { name: 'PowerMTA', sign: /inform you on the delivery status of a message you previously sent/i },
  {
    name: 'qmail descendants',
    sign: /there['’]s a problem with the e-?mail address|this message was undeliverable due to the following reason|your mail was not delivered to the following address|check your recipient e-?mail address|your message to the following address(?:es)? (?:could|was) not|the following (?:address(?:es)?|recipients?|message).{0,40}(?:could not be delivered|failed|was undeliverable)|we['’]re sorry to inform you/i,
  },
  { name: 'RS', sign: /delivery of email to this address/i },
];
