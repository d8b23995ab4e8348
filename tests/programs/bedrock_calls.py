"""Amazon Bedrock through boto3: Converse whole and streamed, a tool, and a model in its maker's own words."""

import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client(
    "bedrock-runtime",
    endpoint_url=os.environ["MODELS_URL"],
    region_name="eu-west-1",
    aws_access_key_id="x",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 0}),
)
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = {"tools": [{"toolSpec": {"name": "weather", "description": "of a city", "inputSchema": {"json": SCHEMA}}}]}
messages = [{"role": "user", "content": [{"text": "How is the weather?"}]}]
said = client.converse(modelId=MODEL, messages=messages, system=[{"text": "Be brief."}], toolConfig=TOOLS)
used = said["output"]["message"]["content"][0]["toolUse"]
print(used["name"], used["input"], said["stopReason"], said["usage"])
result = {"toolResult": {"toolUseId": used["toolUseId"], "content": [{"text": "sunny"}]}}
messages += [said["output"]["message"], {"role": "user", "content": [result]}]
stream = client.converse_stream(modelId=MODEL, messages=messages, toolConfig=TOOLS)["stream"]
print([next(iter(event)) for event in stream])
body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
print(json.loads(client.invoke_model(modelId=MODEL, body=json.dumps(body))["body"].read())["content"])
pieces = client.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(body))["body"]
print([json.loads(event["chunk"]["bytes"])["type"] for event in pieces])
try:
    client.invoke_model(modelId="nobody.knows", body=b"{}")
except ClientError as error:
    print(error.response["ResponseMetadata"]["HTTPStatusCode"])
