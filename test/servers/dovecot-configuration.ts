// The text of a private Dovecot's dovecot.conf: one unprivileged user, no chroot, everything below one folder, loopback ports only.
// Written for Dovecot 2.3 (Debian 12).
import type { ServerUser } from './guard.ts';

/** What the configuration depends on; `ports` on 127.0.0.1, `imaps` used only with `tls` (key.pem and cert.pem in `folder`). */
export type DovecotSetting = {
  folder: string;
  user: ServerUser;
  ports: { imap: number; imaps: number; lmtp: number };
  mailboxes: string[];
  tls: boolean;
  extra: string;
};

/** The passwd-file: one line a user. */
export function dovecotUsers(users: Record<string, string>): string {
  return Object.entries(users)
    .map(([name, password]) => `${name}:{PLAIN}${password}::::::\n`)
    .join('');
}

/** The whole of dovecot.conf. */
export function dovecotConfiguration(setting: DovecotSetting): string {
  const { folder, user, ports } = setting;
  const tls = setting.tls ? `ssl = yes\nssl_cert = <${folder}/cert.pem\nssl_key = <${folder}/key.pem` : 'ssl = no';
  const mailboxes = setting.mailboxes.map((name) => `  mailbox "${name}" {\n    auto = create\n  }`).join('\n');
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
instance_name = casepost-test
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
${tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = ${user.name}
default_internal_group = ${user.group}
default_login_user = ${user.name}
first_valid_uid = ${Math.min(user.uid, 500)}
mail_location = maildir:${folder}/mail/%u
mail_max_userip_connections = 100
postmaster_address = postmaster@localhost
recipient_delimiter = +
auth_username_format = %Ln
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=${user.uid} gid=${user.gid} home=${folder}/mail/%u
}
namespace inbox {
  inbox = yes
${mailboxes}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${setting.tls ? ports.imaps : 0}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${ports.lmtp}
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
${setting.extra}
`;
}
