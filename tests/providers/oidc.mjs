// A certified provider of OpenID Connect (oidc-provider) on this machine's own address: node oidc.mjs HOST PORT REDIRECT_URI SECRET
// Whoever signs in with a name that GROUPS has belongs to those groups; a password is asked for and any is taken.
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Provider } = await import(require.resolve("oidc-provider"));
const [host, port, back, secret] = process.argv.slice(2);
const GROUPS = { clara: ["staff", "heads"], emil: ["staff"], ida: ["it"] };

const provider = new Provider(`http://${host}:${port}`, {
  clients: [{ client_id: "desk", client_secret: secret, redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
  scopes: ["openid", "profile", "groups"],
  findAccount: (_context, name) => ({
    accountId: name,
    claims: () => ({ sub: `subject-of-${name}`, preferred_username: name, groups: GROUPS[name] ?? [] }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["a key for a test"] },
});
provider.listen(Number(port), host);
