/** Greets, and tells the test where this function finds its services. */
export async function handler(): Promise<{ statusCode: number; body: string }> {
  const { AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL_DYNAMODB: dynamodb } = process.env;
  return { statusCode: 200, body: JSON.stringify({ greeting: "hello", s3, dynamodb }) };
}
