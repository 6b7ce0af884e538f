import * as z from "zod/mini";
import { SessionId } from "../ids.ts";
import { Page } from "../page.ts";
import { ProfileChange } from "../people.ts";
import { route } from "../route.ts";

export const getMe = route({ method: "GET", path: "/me", access: "user" });

export const changeMe = route({ method: "PUT", path: "/me", access: "user", body: ProfileChange });

export const deleteMe = route({ method: "DELETE", path: "/me", access: "user" });

export const listSessions = route({ method: "GET", path: "/me/sessions", access: "user", query: Page });

export const revokeSession = route({
  method: "DELETE",
  path: "/me/sessions/{sessionId}",
  access: "user",
  params: z.object({ sessionId: SessionId }),
});

export const listActivity = route({ method: "GET", path: "/me/activity", access: "user", query: Page });

export const getStatistics = route({ method: "GET", path: "/me/statistics", access: "user" });

export const exportMyData = route({ method: "POST", path: "/me/export", access: "user" });
