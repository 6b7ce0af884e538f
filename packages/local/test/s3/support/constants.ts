export const REGION = "eu-central-1";
export const CREDENTIALS = { accessKeyId: "AKIALOCAL", secretAccessKey: "local/secret+key" };
