type Details = Record<string, string | number>;

/** An answer in S3's own terms: `code` and `status` are AWS's, `details` become elements of the error document. */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Details;

  constructor(code: string, status: number, message: string, details: Details = {}) {
    super(message);
    this.name = "S3Error";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export const accessDenied = (message = "Access Denied", details: Details = {}) =>
  new S3Error("AccessDenied", 403, message, details);

export const invalidRequest = (message: string) => new S3Error("InvalidRequest", 400, message);

export const invalidArgument = (message: string, name: string, value: string) =>
  new S3Error("InvalidArgument", 400, message, { ArgumentName: name, ArgumentValue: value });

export const badDigest = (algorithm: string) =>
  new S3Error("BadDigest", 400, `The ${algorithm} you specified did not match the calculated checksum.`);

export const malformedXml = () =>
  new S3Error(
    "MalformedXML",
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

export const noSuchBucket = (bucket: string) =>
  new S3Error("NoSuchBucket", 404, "The specified bucket does not exist", { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new S3Error("NoSuchKey", 404, "The specified key does not exist.", { Key: key });

export const noSuchUpload = (uploadId: string) =>
  new S3Error(
    "NoSuchUpload",
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: uploadId },
  );

export const preconditionFailed = (condition: string) =>
  new S3Error("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold", {
    Condition: condition,
  });

export const notImplemented = (header: string) =>
  new S3Error(
    "NotImplemented",
    501,
    "A header or operation you provided implies functionality that is not implemented",
    { Header: header },
  );

export const incompleteBody = () =>
  new S3Error(
    "IncompleteBody",
    400,
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
