import { createClient } from "@t2m/client/client";
import { ApiProblem } from "@t2m/client/problem";
import { config } from "../session/config.ts";
import { accessToken } from "../session/session.ts";

/**
 * The API for what a page can do without: asked once, so that a page says at once what it cannot show. Queries ask
 * again by themselves.
 */
export const record = createClient({
  get baseUrl() {
    return new URL(config().apiUrl, location.origin).href;
  },
  token: accessToken,
  patience: { attempts: 1, baseMs: 0, capMs: 0 },
});

/** Whether asking again later may help; a refusal stays one. */
export const mayComeBack = (error: unknown) => !(error instanceof ApiProblem) || error.status >= 500;
