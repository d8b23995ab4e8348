"""Amazon Bedrock through boto3, ability by ability."""

import base64
import json
import os

import boto3
from abilities import PICTURE, PICTURE_TEXT, SCHEMA, SOUND, WORDS, heard, show
from botocore.config import Config

ACCOUNT = {
    "endpoint_url": os.environ["MODELS_URL"],
    "region_name": "eu-west-1",
    "aws_access_key_id": "x",
    "aws_secret_access_key": "x",
    "config": Config(retries={"max_attempts": 0}),
}
client = heard(boto3.client("bedrock-runtime", **ACCOUNT))
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ASKED = [{"role": "user", "content": [{"text": WORDS}]}]
TOOLS = {"tools": [{"toolSpec": {"name": "weather", "description": "of a city", "inputSchema": {"json": SCHEMA}}}]}


def chat(messages=ASKED, model=MODEL, **more):
    return client.converse(modelId=model, messages=messages, **more)["output"]["message"]


def invoke(model, **body):
    return json.loads(client.invoke_model(modelId=model, body=json.dumps(body))["body"].read())


def sync():
    print(chat()["content"])


def streams():
    print([next(iter(event)) for event in client.converse_stream(modelId=MODEL, messages=ASKED)["stream"]])


def structured_output():
    schema = {"jsonSchema": {"schema": json.dumps(SCHEMA), "name": "place"}}
    print(chat(outputConfig={"textFormat": {"type": "json_schema", "structure": schema}})["content"])


def tools():
    said = chat(toolConfig=TOOLS)
    used = said["content"][0]["toolUse"]
    result = {"toolResult": {"toolUseId": used["toolUseId"], "content": [{"text": "sunny"}]}}
    print(chat([*ASKED, said, {"role": "user", "content": [result]}], toolConfig=TOOLS)["content"])


def images_in():
    shown = {"image": {"format": "png", "source": {"bytes": PICTURE}}}
    print(chat([{"role": "user", "content": [{"text": WORDS}, shown]}])["content"])


def images_out():
    drawn = invoke("amazon.nova-canvas-v1:0", taskType="TEXT_IMAGE", textToImageParams={"text": "a cat"})
    print(len(base64.b64decode(drawn["images"][0])))


def images_edited():
    asked = {"text": "with a hat", "images": [PICTURE_TEXT]}
    drawn = invoke("amazon.nova-canvas-v1:0", taskType="IMAGE_VARIATION", imageVariationParams=asked)
    print(len(base64.b64decode(drawn["images"][0])))


def audio_in():
    said = {"audio": {"format": "wav", "source": {"bytes": SOUND}}}
    print(
        chat([{"role": "user", "content": [{"text": WORDS}, said]}], model="mistral.voxtral-small-24b-2507")["content"]
    )


def embeddings():
    print(len(invoke("amazon.titan-embed-text-v2:0", inputText="a", dimensions=256)["embedding"]))
    print(len(invoke("cohere.embed-english-v3", texts=["a", "b"], input_type="search_query")["embeddings"]))


def reasoning():
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    print([next(iter(block)) for block in chat(additionalModelRequestFields=thinking)["content"]])


def prompt_caching():
    said = client.converse(modelId=MODEL, messages=ASKED, system=[{"text": WORDS}, {"cachePoint": {"type": "default"}}])
    print(said["usage"])


show(
    *(sync, streams, structured_output, tools, images_in, images_out, images_edited, audio_in, embeddings, reasoning),
    prompt_caching,
    absent=client,
    lacks={
        "asynchronous": "aio converse_async",
        "speech": "synthesize_speech",
        "transcription": "transcribe",
    },
)
