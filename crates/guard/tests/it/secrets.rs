//! Secrets: what is found in the texts that people and tools write, and what is left alone.
//!
//! In these texts `«` and `»` stand around what should be found. A `¦` within is taken out first: it
//! keeps what looks like a key out of this file, so that scanners don't report it.

use guard::{Engine, EngineOptions, Kind, Kinds, Mask, Masker};
use proptest::prelude::*;

fn find(text: &str) -> Vec<guard::Finding> {
    Engine::new(EngineOptions::default()).find(text, Kinds::NONE.with(Kind::Secret))
}

/// What should be found in a text, and the text.
fn read(marked: &str) -> (String, Vec<String>) {
    let marked = marked.replace('¦', "");
    let parts = marked.split('«').skip(1);
    let wanted = parts.map(|part| part.split('»').next().unwrap_or_default().to_owned());
    (marked.replace(['«', '»'], ""), wanted.collect())
}

fn check_all(marked: &[&str]) {
    let wrong = marked.iter().filter_map(|marked| {
        let (text, wanted) = read(marked);
        let found = find(&text);
        let values: Vec<&str> = found.iter().map(|finding| finding.of(&text)).collect();
        let rules: Vec<_> = found.iter().map(|finding| &finding.rule).collect();
        (values != wanted)
            .then(|| format!("{text}\n  found {values:?} by {rules:?}, not {wanted:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(marked: &str) {
    check_all(&[marked]);
}

#[test]
fn secrets_are_found_in_files_of_settings() {
    check_all(&[
        "DB_PASSWORD=«hunter2¦hunter»",
        "DB_PASSWORD=«k9R!x&mode=7¦Qz»",
        "export SMTP_PASSWORD=«a&b=3Zk9¦vXw» # of the mail",
        "spring.mail.password=«Gr8&er=S3c¦ur3»\nspring.mail.port=25",
        "curl -d 'user=bob&password=«hunter2¦9x»&remember=1' x",
        "DB_PASSWORD=«correct¦horse»\nPORT=1",
        "export DATABASE_PASSWORD='«tR0ub4¦dor&3»'",
        "SECRET_KEY=«9f86d081¦884c7d659a2feaa0c55ad015»",
        "API_KEY = \"«kd83hDk2¦ms9Fj3kLq01z»\"",
        "spring.datasource.password=«Gr8¦Secur3!»",
        "password: «Somm¦er2024!»",
        "  mysql_root_password: '«zK9$mP2v¦Lq»'",
        "[client]\nuser = root\npassword = «x7Yt¦92kd»\n",
        "<password>«p4ssP¦hr4se!»</password>",
        "<add key=\"ApiKey\" value=\"«b7Xq9Lm2¦Wz4Kd8Rt1Yv6»\" />",
        "Server=db;Database=x;User Id=sa;Password=«Yk8!pQ¦2z»;Encrypt=true",
        "- name: DB_PASSWORD\n  value: \"«v3ryS3¦cretPw»\"",
        "//npm.host/:_authToken=«npm_¦Zx81kLm20dKq93VbTn47YpRs65WcJh12AgEu»",
        "machine api.example.org login joe password «s3cr¦Et9xy!»",
        "client_secret: \"«aB3dE6gH¦9jK2mN5pQ8sT1vW4»\"",
        "aws_secret_access_key = «qL8vT2xZ9¦kW4nB7mR1cY6sD3fG5hJ0pA+/eUiOx»",
        "AccountName=x;AccountKey=«Zm9vYmFy¦MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJDREVGR0hJSktMTU5PUFFSUw==»;EndpointSuffix=core",
        "apiVersion: v1\ndata:\n  tls.key: «Zm9vYmFy¦MTIzNDU2Nzg5»\n  user: «Ym9iYm9i¦Ym8=»\nkind: Secret\n",
        "kind: SecretStore\nspec:\n  data: Zm9vYmFyMTIzNDU2Nzg5\n",
        "\"password\": \"«correct-horse-¦battery-staple»\"",
        "requests.get(url, auth=('bob', '«Kd8¦mzQ2x»'))",
        "«AKIA¦Q7XLMZ2PVN4RKT6B»,«qL8vT2xZ9¦kW4nB7mR1cY6sD3fG5hJ0pA+/eUiOxl»,us-east-1",
        "auth = \"«dXNlcjpz¦M2NyM3QtcDQ1NXcwcmQ=»\"",
    ]);
}

#[test]
fn passwords_in_addresses_leave_user_and_host_readable() {
    check_all(&[
        "postgres://app:«s3cr¦3tPw»@db.internal:5432/app",
        "DATABASE_URL=mysql://root:«tiger¦99lily»@10.0.0.4/shop",
        "mongodb+srv://svc:«Hk2¦p9Qz!»@cluster0.abcde.mongodb.net/?retryWrites=true",
        "redis://:«fj39d¦kq02»@cache:6379/0",
        "amqp://worker:«w0rk¦erPw»@mq/vhost",
        "git clone https://bob:«x92kd¦lq8»@git.internal/repo.git",
        "{\"url\":\"postgres://app:«s3cr¦3tPw»@db/app\"}",
        "cloudinary://8374659:«a8Kd93jf¦kW02lsPq»@demo",
    ]);
}

#[test]
fn secrets_are_found_in_commands_and_headers() {
    check_all(&[
        "curl -u admin:«Qx7¦pLk92» https://host/api",
        "curl --user 'bob:«s3cr¦3t!pw»' https://host/api",
        "mysql -u root -p«Zk82¦ldkQ» shop",
        "mysqldump -h db -uroot -p'«Zk82¦ldkQ»' shop",
        "keytool -storepass «Kd8mz¦1xq» -list",
        "openssl rsa -in k.pem -passin pass:«Kd8¦mz1xq»",
        "sshpass -p '«d8Fk¦2mQx»' ssh root@host",
        "docker login -u ci -p «h7Gk2¦mZq9w» registry.host",
        "redis-cli -a «kd93k¦fmw2» ping",
        "tool login --password «Vb8¦kq29Lz» --verbose",
        "tool login --password=«Vb8¦kq29Lz»",
        "Authorization: Bearer «mF_9.B5f¦-4.1JqM8zLw»",
        "curl -H 'Authorization: Bearer «9a8b7c6d¦5e4f3a2b1c0d9e8f7a6b5c4d»' x",
        "Authorization: Basic «Ym9iOnMz¦Y3IzdC1QdyE=»",
        "X-Api-Key: «k29dMz83¦lQpw7Vn4Xb6T»",
        "GET /v1/x?api_key=«k29dMz83¦lQpw7Vn4Xb6T»&page=2",
        "https://acct.blob.host/c/f?sv=2022&sig=«hG7kLm2P¦q9RsT4uVwX6yZ8aB1cD3eF5gH7iJ9kL0mN%3D»&se=1",
        "  104  PGPASSWORD=«kd82¦mZlq» psql -h db",
        "+  token: «ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»",
        "-AWS_ACCESS_KEY_ID=«AKIA¦Q7XLMZ2PVN4RKT6B»",
    ]);
}

#[test]
fn secrets_are_found_in_what_people_write() {
    check_all(&[
        "the password is «hunt¦er2».",
        "The database password is: «Kd8¦mzQ!2»",
        "Passwort: «Gart¦en77!»",
        "das Passwort lautet «Gart¦en77!», danke",
        "My password was «tr0ub¦4dor», I think",
        "**Password:** «Zk82¦ldkQ!»",
        "password: `«Zk82¦ldkQ!»`",
        "here is my key «sk-¦Zx81kLm20dKq93VbTn47YpRs65WcJh12AgEuZx81kLm20dKq» thanks",
        "密码: «Kd8¦mzQ!2»",
        "пароль: «Kd8¦mzQ!2»",
        "La contraseña es «Kd8¦mzQ!2»",
    ]);
}

#[test]
fn escapes_are_borders_and_stay_whole() {
    check_all(&[
        r#"{"text":"A=1\nAWS_KEY=«AKIA¦Q7XLMZ2PVN4RKT6B»\nB=2"}"#,
        r#"{"a":"{\"password\": \"«Kd8¦mzQ2x»\"}"}"#,
        r#"{"a":"{\"b\":\"{\\\"client_secret\\\":\\\"«aB3dE6gH¦9jK2mN5pQ8sT»\\\"}\"}"}"#,
        r#"{"a":"x\n«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»\ny"}"#,
        r#"{"a":"\u001b[32m«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»\u001b[0m"}"#,
        r#"{"a":"\u0022«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»\u0022"}"#,
        r#"{"a":"export TOKEN=\\\n  «a8Fk2mQx¦Z9wLp4Vn7Bt3Yc6R»\n"}"#,
        "key%3D«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»%26x",
        r#"{"a":"\u003cpassword\u003e«Kd8¦mzQ2x»\u003c/password\u003e"}"#,
        r#"{"password":"«ab\\c¦D9!x»"}"#,
    ]);
}

#[test]
fn what_stands_in_for_a_secret_is_left_alone() {
    check_all(&[
        "aws_access_key_id = AKIA¦IOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUt¦nFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "export OPENAI_API_KEY=sk-¦xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "export OPENAI_API_KEY=\"your-api-key-here\"",
        "OPENAI_API_KEY=sk-¦your-key-goes-here",
        "token: <token>",
        "token: ${GITHUB_TOKEN}",
        "token: $GITHUB_TOKEN",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "password: {{ vault_password }}",
        "password: changeme",
        "password: ********",
        "password: \"...\"",
        "const key = process.env.OPENAI_API_KEY;",
        "api_key = os.environ[\"API_KEY_2024\"]",
        "token = get_token(user2, scope3)",
        "function login(user: string, password: string): Promise<Token2>",
        "password: Option<String>,",
        "fn encode(user: &str, pass: Option<&str>) -> u8",
        "The password for the 2FA device on floor3 is stored.",
        "let token = self.tokens[3].clone();",
        "sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "\"integrity\": \"sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08==\"",
        "\"id\": \"3fa85f64-5717-4562-b3fc-2c963f66afa6\"",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "\"input_tokens\": 12345, \"max_tokens\": 4096",
        "next_page_token = \"CAUQAA9f86d081884c7d65\"",
        "The password must be 8-16 characters long and is required.",
        "the password is stored with bcrypt2, the token is valid for 15m",
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@localhost:5432/test",
        "https://user:${PASS}@host/",
        "password = [masked:PASSWORD:1f0c93aa]",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "if text.startswith(\"-----BEGIN RSA PRIVATE KEY-----\"):",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "the disk-size and task-list of sk-fading-circle",
        "<input type=\"password\" name=\"password\" placeholder=\"Password\">",
        "\"password\": \"Passwort\", \"forgot_password\": \"Forgot your password?\"",
        "curl -u \"$USER:$PASS\" https://host",
        "mysql -u root -p shop",
        "mkdir -p /srv/app9/x",
        "Authorization: Bearer <token>",
        "Authorization: Bearer ${TOKEN}",
        "public_key: \"b7Xq9Lm2Wz4Kd8Rt1Yv6b7Xq9Lm2Wz4Kd8Rt1Yv6\"",
        "key_id: \"b7Xq9Lm2Wz4Kd8Rt1Yv6\"",
    ]);
}

#[test]
fn a_kubernetes_secret_is_found_whatever_the_order_of_its_keys() {
    check_all(&[
        "apiVersion: v1\ndata:\n  tls: «cGFz¦c3dvcmQ5OTk=»\nkind: Secret\nmetadata:\n  name: registry-credentials-9\n",
        "kind: Secret\nmetadata:\n  name: registry-credentials-9\ndata:\n  tls: \"«cGFz¦c3dvcmQ5OTk=»\"\n",
        "kind: Secret\ndata:\n  tls: |\n    «cGFz¦c3dvcmQ5OTk\n    Zm9vYmFyMTIzNDU2»\ntype: Opaque\n",
        "kind: Secret\nstringData:\n  username: somebody99\n  dsn: «tr0ub¦4dor-and-3»\n",
        "kind: Secret\nstringData:\n  app.ini: |\n    «user = somebody\n    word = tr0ub¦4dor»\n",
        "kind: \"Secret\"\ndata: {a: «cGFz¦c3dvcmQ5OTk=», b: «Zm9v¦YmFyMTIzNDU2»}\n",
        "kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: «eyJhdXRocyI¦6IHsicmVnIjoge319fQ==»\n",
        "items:\n- kind: Secret\n  data:\n    a: «cGFz¦c3dvcmQ5OTk=»\n- kind: ConfigMap\n  data:\n    banner: d2VsY29tZSB0byB0aGlz\n",
        r#"{"items":[{"data":{"a":"«cGFz¦c3dvcmQ5OTk=»"},"kind":"Secret"},{"kind":"ConfigMap","data":{"b":"d2VsY29tZSB0byB0aGlz"}}]}"#,
        r#"{"out":"{\"kind\":\"Secret\",\"data\":{\"a\":\"«cGFz¦c3dvcmQ5OTk=»\"}}"}"#,
        r#"{"out":"kind: Secret\ndata:\n  a: «cGFz¦c3dvcmQ5OTk=»\n  b: «Zm9v¦YmFyMTIzNDU2»\nmetadata:\n  name: x\n"}"#,
        "kind: ConfigMap\ndata:\n  banner: d2VsY29tZSB0byB0aGlz\n",
        "kind: ConfigMap\ndata:\n  banner: d2VsY29tZSB0byB0aGlz\n---\nkind: Secret\ndata:\n  a: «cGFz¦c3dvcmQ5OTk=»\n",
        "kind: Secret\ndata:\n  ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM=\n",
        "kind: Secret\ndata:\n  a: {{ .Values.a | b64enc }}\n",
    ]);
}

#[test]
fn a_value_is_found_beside_its_name_in_either_order() {
    check_all(&[
        r#"{"name":"DB_PASSWORD","value":"«Kd8¦mzQ2xT9»"}"#,
        r#"{"value":"«Kd8¦mzQ2xT9»","name":"DB_PASSWORD"}"#,
        "env:\n- value: «Kd8¦mzQ2xT9»\n  name: DB_PASSWORD\n",
        "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password9x\n",
        "ParameterKey=DBPassword,ParameterValue=«Kd8¦mzQ2xT9»",
        "variable \"db_password\" {\n  type    = string\n  default = \"«Kd8¦mzQ2xT9»\"\n}",
        "api_tokens = [\"«XBPad0UtDC4we¦X3RMDuuPfcJUwAK»\", \"«aWEu96ZXy6Bj0¦2hOjNV1hJHWRYG1»\"]",
        "api_tokens:\n  - «XBPad0UtDC4we¦X3RMDuuPfcJUwAK»\n  - «aWEu96ZXy6Bj0¦2hOjNV1hJHWRYG1»\n",
    ]);
}

#[test]
fn a_value_goes_on_to_its_real_end() {
    check_all(&[
        "spring.datasource.password=«typj#¦ugHj&CCtX9»",
        "DB_PASSWORD=«Kd8;¦mzQ2!xT»",
        "https://host/x?password=«Kd8¦mzQ2xT9»&next=1",
        "Server=db;Uid=app;Pwd={«OaD6;¦tHnBS4»};Encrypt=yes",
        "password: '«it''s¦9Xkz»'",
        "password=«ab'cd9¦Xz\"ef»",
        "password: '«ab\"cd¦9Xz»'",
        "DB_PASSWORD=«Xk9)¦dmzbar!»",
        "mysql -u root -p'«RiNKQ ¦gWhfu9»' shop",
        "jdbc:oracle:thin:scott/«Igi¦UKDo09»@//db.internal:1521/ORCL",
        "postgresql://app:«P@ss:w0¦rd/fWKVt#1»@db.internal:5432/app",
        "https://host:8080/@scope/pkg@1.2",
        "echo \"«Kf63clX6¦Gl2pYT»\" | docker login -u ci --password-stdin",
        "echo $TOKEN | docker login -u ci --password-stdin",
        "docker login -u ci --password-stdin <<< «Kf63clX6¦Gl2pYT»",
        "Server=localhost;Initial Catalog=Demo;User ID=sa;Pwd=«P@ss¦w0rd!»;Persist Security Info=true",
    ]);
}

#[test]
fn passwords_are_found_in_sentences_of_many_languages() {
    check_all(&[
        "a senha do banco é «Fb4C2¦@3FiD1j»",
        "密码是«pNUMD!¦yNa8Xp»，请保存",
        "密码：«pNUMD!¦yNa8Xp»，请保存",
        "パスワードは «H5UB6!¦xEh9vx» です",
        "비밀번호는 «W96M3!¦tFxc3D» 입니다",
        "heslo do databáze je «Xk9!¦dmzQ2»",
        "hasło to «Xk9!¦dmzQ2»",
        "het wachtwoord is «Xk9!¦dmzQ2»",
        "şifrem: «Xk9!¦dmzQ2»",
        "veritabanı şifresi: «Xk9!¦dmzQ2»",
        "пароль от базы — «Xk9!¦dmzQ2»",
        "mật khẩu là «Xk9!¦dmzQ2»",
        "κωδικός: «Xk9!¦dmzQ2»",
        "lösenordet är hemligt",
        "la clave es importante",
    ]);
}

#[test]
fn keys_are_found_where_they_hang_together_with_names() {
    check_all(&[
        "ci_«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»",
        "token«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»",
        "«ghp_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»_old",
        "«MTI3NjQ4MjM4ND¦A1NjE5NzEy.GhT3kd.a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0»",
        "«ctx7sk-¦3fa85f64-5717-4562-b3fc-2c963f66afa6»",
        "«polar_oat_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»",
        "«vca_¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6R»",
        "«sk-kimi-¦a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi»",
        "task_disk-fading-circle-and-more",
    ]);
}

#[test]
fn what_a_provider_built_or_ran_is_no_key_of_its() {
    check_all(&[
        "sonar.scm.revision=8196a68a4eb8fc1f3b5c2844f73985764ea1996c",
        "{\"datadog_trace_id\":\"583ea665d5a95f514703dfc868ded273\"}",
        "HEROKU_SLUG_COMMIT=8196a68a4eb8fc1f3b5c2844f73985764ea1996c",
        "CLOUDFLARE_ZONE_ID=98bd65aebce27932b126ed67f782d540",
        "DATADOG_API_KEY=«583ea665d5¦a95f514703dfc868ded273»",
    ]);
}

#[test]
fn the_lines_of_a_key_of_puttys_are_found() {
    let lines = [
        "AAAAgQDx7Kq2v9ZbTfLw0Ph3sYd5RgJ8nUcXoEi6mWtQaVrFzGyAAAAgQDx7Kq2v",
        "9ZbTfLw0Ph3sYd5RgJ8nUcXoEi6mWtQaVrFzGy==",
    ]
    .join("\n");
    check(&format!(
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\n«{lines}»\nPrivate-MAC: 0f\n"
    ));
}

/// A private key's lines.
fn block(label: &str, between: &str) -> String {
    let lines: Vec<String> = (0..6)
        .map(|line| {
            let letters = "MIIEpAIBAAKCAQEAx7Kq2v9ZbTfLw0Ph3sYd5RgJ8nUcXoEi6mWtQaVrFzGy".chars();
            letters.cycle().skip(line * 7).take(64).collect()
        })
        .collect();
    format!(
        "-----BEGIN {label}-----{between}{}{between}-----END {label}-----",
        lines.join(between)
    )
}

#[test]
fn private_keys_are_found_however_they_are_written() {
    for label in [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        for between in ["\n", "\\n", "\\\\n", "\r\n", "\n    ", "\n+", "\n> "] {
            let key = block(label, between);
            check(&format!("key: «{key}» and on"));
        }
    }
    let cut: String = block("RSA PRIVATE KEY", "\n").chars().take(300).collect();
    check(&format!("«{}»\nThe rest is missing.", cut.trim_end()));
    let numbered = block("RSA PRIVATE KEY", "\\\\n     7\\\\u2192");
    let cut = numbered.rsplit_once("\\\\n").map_or("", |(cut, _)| cut);
    check(&format!("«{cut}»\\\\n"));
    let json = format!(
        "{{\"private_key\": \"«{}»\\n\", \"x\": 1}}",
        block("PRIVATE KEY", "\\n")
    );
    check(&json);
}

#[test]
fn a_private_key_in_several_strings_leaves_their_quotes() {
    let key = block("RSA PRIVATE KEY", "\" +\n    \"");
    let text = format!("String k = \"{key}\";");
    let masked = Masker::new(&[1; 32], Mask::Placeholder)
        .mask(&text, &find(&text))
        .into_owned();
    assert_eq!(masked.matches('"').count(), text.matches('"').count());
    assert!(!masked.contains("MIIE"), "{masked}");
}

#[test]
fn json_web_tokens_are_known_by_their_header() {
    // {"alg":"HS256","typ":"JWT"}, and what names no algorithm.
    check("x «eyJhbGciOiJIUzI1NiIs¦InR5cCI6IkpXVCJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLTQy» y");
    check("x eyJhIjoiYiIsImMiOiJk¦IiwiZSI6ImYifQ.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLTQy y");
}

#[test]
fn a_checksum_that_fits_makes_a_token_certain() {
    let token = ["ghp_", "000000000000000000000000000000", "3j9MJP"].concat();
    let other = ["ghp_", "a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi"].concat();
    assert!(find(&token).is_empty(), "nobody was given zeros");
    assert!(find(&other)[0].score < 1.0);
}

#[test]
fn time_is_linear_whatever_the_text() {
    for unit in [
        "token=",
        "password: ",
        "eyJ",
        "eyJhbGciOiJ9.",
        "://",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "sk-",
        "\\",
        "key=\"",
        "curl -u ",
        "AKIA",
        "a",
        "AAAAAAAA",
        "heroku_",
        "kind: secret\n",
        "{\"kind\":\"secret\"",
        "data:\n",
        "api_tokens=[\"",
        "echo a | x --password-stdin ",
        "oracle:thin:a/",
        "value: x\nname: password\n",
        "variable \"password\" {",
        "密码是",
        "password='it''s",
        "-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEAx7Kq2v9ZbTfLw0Ph3sYd5RgJ8nUcXoEi6mWtQaVrFzGy",
    ] {
        let text = unit.repeat(400_000 / unit.len());
        let start = std::time::Instant::now();
        let _ = find(&text);
        // Debug builds on busy machines: what is quadratic takes minutes.
        assert!(
            start.elapsed().as_secs() < 20,
            "{unit} took {:?}",
            start.elapsed()
        );
    }
}

/// Words that make rules try.
fn piece() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "password",
        "token",
        "=",
        ": ",
        "\"",
        "'",
        "`",
        "\\",
        "\\\\",
        "\\n",
        "\n",
        "\\\"",
        "api_key",
        "AKIA",
        "ghp_",
        "eyJ",
        "://",
        "u:",
        "@h",
        "-----BEGIN ",
        "RSA PRIVATE KEY-----",
        "-----END ",
        "curl -u ",
        "mysql -p",
        "Bearer ",
        "Basic ",
        "heroku",
        " is ",
        "value",
        "<",
        ">",
        ",",
        "é",
        "日本",
        "👍🏽",
        "{",
        "}",
        "--",
        "sk-",
        "_key",
        "=>",
        "\\u00",
        "%3D",
        "a8Fk2mQxZ9wLp4Vn7Bt3Yc6Rd1Hs5Jg0KuEi",
        "Q7XLMZ2PVN4RKT6B",
        "hunter2!x",
        "T3BlbkFJ",
        "secret",
    ];
    prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => "[ -~]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ]
}

/// Where a value of any signs may stand, with `_` in its place.
const SURROUNDINGS: &[&str] = &[
    "DB_PASSWORD=_\n",
    "password: \"_\"\n",
    "password = '_'\n",
    "spring.datasource.password=_\nserver.port=1\n",
    "Server=db;User ID=sa;Password=_;Encrypt=true\n",
    "postgres://app:_@db.internal/app",
    "mysql -u root -p'_' shop",
    "the password is _ and more",
    "密码是_，请保存",
    "- name: DB_PASSWORD\n  value: _\n",
    "kind: Secret\nstringData:\n  a: _\n",
    "echo '_' | docker login --password-stdin",
    "<password>_</password>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_mask_covers_all_of_a_value_or_nothing(
        value in "[a-zA-Z][a-zA-Z0-9!#%&*+,./;=?@^|~$<>()-]{6,20}[0-9][a-z]",
        nth in 0..SURROUNDINGS.len(),
    ) {
        // An element of a page ends a value, and so does the name of the next one.
        prop_assume!(!value.contains('<') || !value.contains(['>', '/']));
        prop_assume!(!value.contains('=') || !value.contains(['&', ';']));
        prop_assume!(!value.contains(')') || !value.contains([',', ';']));
        // Signs that a tag or an address has for its own ends are written otherwise there.
        prop_assume!(!SURROUNDINGS[nth].starts_with('<') || !value.contains(['<', '>', '&']));
        prop_assume!(!SURROUNDINGS[nth].contains("://") || !value.contains(['<', '>', '@', '|']));
        let text = SURROUNDINGS[nth].replace('_', &value);
        let start = text.find(&value).expect("the value");
        let own = start..start + value.len();
        let findings = find(&text);
        let covered: usize = findings
            .iter()
            .map(|found| found.end.min(own.end).saturating_sub(found.start.max(own.start)))
            .sum();
        let most = value.len() - covered;
        prop_assert!(covered == 0 || most < 4, "{}: {:?}", text, findings);
    }
}

#[test]
fn a_brace_in_a_string_hides_no_more_than_the_string() {
    let said = serde_json::json!({"password": "_key={C!Aa", "role": "tool"}).to_string();
    for text in [
        said.clone(),
        serde_json::json!({"password": said, "role": "tool"}).to_string(),
    ] {
        for found in find(&text) {
            assert!(!found.of(&text).contains("role"), "{}", found.of(&text));
        }
    }
    let braced = "Server=db;User ID=sa;Pwd={a;b9!x};Encrypt=true";
    assert!(
        find(braced)
            .iter()
            .any(|found| found.of(braced) == "a;b9!x")
    );
}

proptest! {
    #[test]
    fn spans_are_valid_and_masking_is_stable(pieces in prop::collection::vec(piece(), 0..30)) {
        let text = pieces.concat();
        let findings = find(&text);
        for finding in &findings {
            prop_assert!(finding.start < finding.end && finding.end <= text.len());
            prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
            prop_assert!(finding.score > 0.0 && finding.score <= 1.0);
        }
        for pair in findings.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start);
        }
        let masked = Masker::new(&[1; 32], Mask::Placeholder).mask(&text, &findings).into_owned();
        for finding in find(&masked) {
            // What was found once isn't found again within its placeholder.
            prop_assert!(!finding.of(&masked).contains("[masked:"));
        }
    }

    #[test]
    fn masked_json_is_json(pieces in prop::collection::vec(piece(), 0..20), depth in 0usize..3) {
        let mut text = pieces.concat();
        for _ in 0..=depth {
            text = serde_json::json!({"password": text, "role": "tool"}).to_string();
        }
        let masked = Masker::new(&[1; 32], Mask::Placeholder).mask(&text, &find(&text)).into_owned();
        let mut value: serde_json::Value = serde_json::from_str(&masked).map_err(|error| TestCaseError::fail(format!("{error}: {text} -> {masked}")))?;
        for _ in 0..depth {
            let Some(inner) = value["password"].as_str().filter(|inner| inner.starts_with('{')) else { break };
            value = serde_json::from_str(inner).map_err(|error| TestCaseError::fail(format!("{error}: {text} -> {masked}")))?;
        }
    }
}
