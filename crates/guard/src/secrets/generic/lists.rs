//! The words that tell a secret's name from others.

/// Words of passwords' names.
#[rustfmt::skip]
pub(in crate::secrets) const PASSWORD_WORDS: &[&str] = &[
    "password", "passwd", "passphrase", "passwort", "kennwort", "contraseña", "contrasena",
    "mot de passe", "senha", "пароль", "пароля", "паролем", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "패스워드", "암호",
    "heslo", "hasło", "wachtwoord", "lösenord", "adgangskode", "adgangskoden", "passord", "salasana", "jelszó", "şifre", "sifre", "parola",
    "parolă", "парола", "lozinka", "κωδικός", "كلمة المرور", "كلمة السر", "סיסמה", "סיסמא", "पासवर्ड", "รหัสผ่าน", "mật khẩu", "kata sandi",
    "clave", "mdp", "pwd", "storepass", "keypass",
    "requirepass", "masterauth", "securestring", "_pass", "-pass", "dbpass", "userpass", "pass\"",
    "pass'", "pass=", "pass:", "pass =", "pass\\",
];

/// Words of the names of what chance chose.
#[rustfmt::skip]
pub(in crate::secrets) const TOKEN_WORDS: &[&str] = &[
    "secret", "token", "credential", "api_key", "apikey", "api-key", "api key", "access_key",
    "accesskey", "access-key", "access key", "auth_key", "authkey", "auth-key", "private_key",
    "privatekey", "private-key", "private key", "signing_key", "signingkey", "signing-key",
    "master_key", "masterkey", "master-key", "encryption_key", "encryptionkey", "encryption-key",
    "shared_key", "sharedkey", "account_key", "accountkey", "service_key", "servicekey", "app_key",
    "appkey", "app-key", "license_key", "licensekey", "webhook_key", "subscription-key",
    "subscription_key",
];

/// Words of names of what chance may have chosen, and of what may not be secret.
pub(in crate::secrets) const KEY_WORDS: &[&str] = &[
    "_key", "-key", "_auth", "auth =", "auth=", "auth:", "auth\"", "auth\\\"",
];

/// Names of the parameters that sign an address.
pub(in crate::secrets) const SIGNATURE_WORDS: &[&str] = &["sig=", "signature="];

/// What may follow the word in a name.
#[rustfmt::skip]
pub(super) const NAME_TAILS: &[&str] = &[
    "s", "key", "token", "secret", "value", "val", "str", "string", "text", "plain", "plaintext",
    "raw", "prod", "production", "dev", "development", "test", "live", "staging", "stage",
    "sandbox", "b64", "base64", "env", "default", "old", "new", "current", "primary", "secondary",
    "admin", "root", "user", "db", "access", "hex", "v", "bytes", "base", "ci", "pat", "app",
    "bot", "local", "main", "word", "api", "m", "n", "si", "mi", "miz", "ni", "em", "om", "et", "en",
];

/// What a name has before the word, as a part, if a random value is no secret.
#[rustfmt::skip]
pub(super) const NAME_HEADS: &[&str] = &[
    "change", "public", "pub", "next", "page", "paging", "pagination", "continuation", "continue",
    "cursor", "csrf", "xsrf", "sync", "cache", "idempotency", "dedup", "dedupe", "max", "min",
    "num", "total", "count", "input", "output", "prompt", "completion", "eos", "bos", "unk",
    "mask", "sep", "pad", "start", "end", "stop", "fingerprint", "hash", "hashed", "checksum",
    "sha1", "sha256", "sha512", "md5", "digest", "etag", "revision", "commit", "request", "trace",
    "span", "correlation", "resume", "watch", "scroll", "concurrency", "nocaptcha", "site",
    "integrity", "hostkey", "host", "i18n", "lifecycle", "update", "verification", "partition",
    "object", "row", "websocket", "krb5", "deduplication", "group", "sort", "message", "title",
    "label",
];

/// The same for passwords.
#[rustfmt::skip]
pub(super) const NO_PASSWORD: &[&str] = &[
    "forgot", "hash", "hashed", "encrypted", "wrong", "invalid", "bad", "fake", "dummy", "example",
    "placeholder", "label", "message", "title", "no", "is", "has",
];

/// What a name has before `pass` if that is a password.
#[rustfmt::skip]
pub(super) const OWNER_WORDS: &[&str] = &[
    "db", "user", "admin", "root", "mysql", "postgres", "pg", "sql", "redis", "mongo", "smtp",
    "mail", "email", "ftp", "ssh", "http", "auth", "login", "my", "account", "proxy", "imap",
    "rabbitmq", "amqp", "mq", "ldap", "bind", "key", "keystore", "database", "server", "service",
    "api", "web", "wifi", "test", "prod", "dev", "staging", "wp", "default", "sudo", "basic",
    "basicauth", "gpg", "vpn", "truststore", "jks", "cert", "ssl", "tls", "sftp", "app", "sa",
    "svc", "backup", "registry", "docker", "git", "nexus", "jenkins",
];
