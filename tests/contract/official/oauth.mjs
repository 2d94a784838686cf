// OAuth: the client's own settings and calls; the user's part is a browser's, not the client's.
import { refused } from "./common.mjs";

export async function oauth({ v1, v2, base, app }) {
  const settings = new v2.OAuth2Configuration({
    ...{ clientId: app.id, clientSecret: app.secret, redirectUri: app.callback },
    host: base,
  });
  const token = await settings.authorize(await consent(`${settings.authorizationUrl}&state=walk`, base));
  const configuration = new v2.Configuration({
    accessToken: settings.getAccessToken,
    basePath: settings.basePath,
  });
  const persons = new v2.PersonsApi(configuration);
  const first = (await persons.getPersons({ limit: 1 })).data;
  const refreshed = await settings.tokenRefresh();
  const one = new v1.Configuration({
    accessToken: settings.getAccessToken,
    basePath: `${base}/api/v1`,
  });
  const me = (await new v1.UsersApi(one).getCurrentUser()).data;
  const revoked = await settings.revokeToken("access_token");
  const dead = await refused(persons.getPersons({ limit: 1 }));
  const again = await settings.tokenRefresh();
  const uninstalled = await settings.revokeToken("refresh_token");
  const bad = await refused(settings.tokenRefresh());
  return { token, first, refreshed, me, revoked, dead, again, uninstalled, bad };
}

// What the user does in the browser: looks at the page, lets the app in, is sent to the callback.
async function consent(url, base) {
  const page = await fetch(url);
  if (!page.headers.get("content-type").startsWith("text/html")) {
    throw new Error("no page to consent on");
  }
  const body = new URLSearchParams(new URL(url).searchParams);
  body.set("decision", "allow");
  const answer = await fetch(`${base}/oauth/authorize`, { method: "POST", body, redirect: "manual" });
  return new URL(answer.headers.get("location")).searchParams.get("code");
}
