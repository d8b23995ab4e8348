"""Clients of model providers, of which some are wrapped: `wrap` is all that this program does to be recorded."""

import os
from pathlib import Path

os.environ |= {"HF_ENDPOINT": os.environ["MODELS_URL"], "HF_HOME": str(Path("hub").resolve())}

import boto3
import cohere
import huggingface_hub
import ollama
from botocore.config import Config
from mistralai.client import Mistral

import agentreplay

URL = os.environ["MODELS_URL"]
HELLO = [{"role": "user", "content": "hello"}]
heard = agentreplay.wrap(cohere.ClientV2(api_key="x", base_url=URL))
unheard = cohere.ClientV2(api_key="x", base_url=URL)
mistral = agentreplay.wrap(Mistral(api_key="x", server_url=URL))
llama = agentreplay.wrap(ollama.Client(host=URL))
with agentreplay.session("few"):
    heard.chat(model="command-a-03-2025", messages=HELLO)
    unheard.chat(model="command-r-plus", messages=HELLO)
    mistral.chat.complete(model="mistral-small-latest", messages=HELLO)
    llama.chat(model="llama3.2", messages=HELLO)
account = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
bedrock = agentreplay.wrap(
    boto3.client("bedrock-runtime", endpoint_url=URL, config=Config(retries={"max_attempts": 0}), **account)
)
hub = agentreplay.wrap(huggingface_hub.InferenceClient(base_url=f"{URL}/v1", api_key="x"))
with agentreplay.session("all"):
    said = [{"role": "user", "content": [{"text": "hello"}]}]
    bedrock.converse(modelId="anthropic.claude-sonnet-4-5-20250929-v1:0", messages=said)
    unheard.chat(model="command-r-plus", messages=HELLO)
    hub.chat_completion(model="some/model", messages=HELLO)
