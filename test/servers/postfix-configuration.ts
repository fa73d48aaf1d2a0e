// The main.cf and master.cf of a private Postfix: loopback only, no DNS, no local delivery, no chroot, quick retries, and a strict reading of
// line ends (smtpd_forbid_bare_newline, for the loopback clients too, which Postfix would excuse).
import type { PostfixOptions } from './postfix.ts';

/** The text of main.cf for an instance in `folder`; `daemons` holds Postfix's own programs. */
export function mainCf(folder: string, daemons: string, options: PostfixOptions): string {
  const routes = Object.entries(options.routes);
  const transports = routes.map(([domain, { protocol, port }]) => {
    // Only LMTP names its address family.
    const family = protocol === 'lmtp' ? 'inet:' : '';
    return `{ ${domain} = ${protocol}:${family}[127.0.0.1]:${port} }`;
  });
  const elsewhere = options.relayPort
    ? { relayhost: `[127.0.0.1]:${options.relayPort}` }
    : { default_transport: 'error:5.4.4 no route in this test' };
  const settings: Record<string, string> = {
    compatibility_level: '3.6',
    queue_directory: `${folder}/queue`,
    data_directory: `${folder}/data`,
    daemon_directory: daemons,
    command_directory: '/usr/sbin',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: `${folder}/postfix.log`,
    maillog_file_prefixes: folder,
    myhostname: 'mx.casepost.test',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    smtp_dns_support_level: 'disabled',
    smtpd_peername_lookup: 'no',
    mydestination: '',
    alias_maps: '',
    local_recipient_maps: '',
    mynetworks: '127.0.0.0/8',
    relay_domains: routes.map(([domain]) => domain).join(', '),
    transport_maps: transports.length ? `inline:{ ${transports.join(' ')} }` : '',
    smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
    smtpd_forbid_bare_newline: 'yes',
    smtpd_forbid_bare_newline_exclusions: '',
    notify_classes: '',
    queue_run_delay: '1s',
    minimal_backoff_time: '1s',
    maximal_backoff_time: '2s',
    lmtp_tls_security_level: 'none',
    smtp_tls_security_level: 'none',
    ...elsewhere,
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

const services = [
  // Without it postqueue takes the mail system for dead.
  'pickup unix n - n 60 1 pickup',
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'verify unix - - n - 1 verify',
  'flush unix n - n 1000? 0 flush',
  'proxymap unix - - n - - proxymap',
  'smtp unix - - n - - smtp',
  'relay unix - - n - - smtp',
  'lmtp unix - - n - - lmtp',
  'showq unix n - n - - showq',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'discard unix - - n - - discard',
  'anvil unix - - n - 1 anvil',
  'scache unix - - n - 1 scache',
  'postlog unix-dgram n - n - 1 postlogd',
];

/** The text of master.cf: one smtpd on 127.0.0.1:`port` and the parts mail passes through. */
export function masterCf(port: number): string {
  return [`127.0.0.1:${port} inet n - n - - smtpd`, ...services].map((line) => `${line}\n`).join('');
}
