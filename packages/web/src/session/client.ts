import { createClient } from "@t2m/client/client";
import { config } from "./config.ts";
import { accessToken } from "./session.ts";

/** The API of this stage, as the person who is signed in. */
export const client = createClient({
  // Read at each call: the address is known only when the configuration is here.
  get baseUrl() {
    return new URL(config().apiUrl, location.origin).href;
  },
  token: accessToken,
});
