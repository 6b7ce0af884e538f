import { type Permission, permissions, type Role } from "@t2m/contract/permissions";
import { ApiError } from "../errors.ts";

/** Who asks, as far as what they may do goes. */
export type Viewer = {
  userId: string;
  sessionId: string;
  role: Role;
  permissions: readonly Permission[];
};

/** What a role and what was granted beside it come to. */
export function permissionsOf(role: Role, granted: readonly string[]): Permission[] {
  return permissions.filter((permission) => role === "admin" || granted.includes(permission));
}

/** The one place where permissions are checked. Throws `ApiError` "auth.forbidden". */
export function demand(viewer: Viewer, permission: Permission | undefined): void {
  if (!permission || viewer.permissions.includes(permission)) return;
  throw new ApiError("auth.forbidden", `This takes the permission ${permission}, which you do not have.`);
}
