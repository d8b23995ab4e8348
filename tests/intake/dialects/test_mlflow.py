"""MLflow writes every attribute as JSON, texts in quotation marks included."""

from agentreplay.intake.normalise import normalise
from agentreplay.model.usage import Usage
from agentreplay.testing import Maker


def test_a_call_of_a_model_is_read(make: Maker) -> None:
    found = normalise(
        make.span(
            attributes={
                "mlflow.spanType": '"CHAT_MODEL"',
                "mlflow.spanInputs": '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}',
                "mlflow.spanOutputs": '{"choices": [{"message": {"role": "assistant", "content": "hello"}}]}',
                "mlflow.chat.tokenUsage": '{"input_tokens": 4, "output_tokens": 2, "total_tokens": 6}',
            }
        )
    )

    assert (found.span.kind, found.span.model, found.span.provider) == ("llm", "gpt-5-mini", "openai")
    assert found.span.usage == Usage(input=4, output=2)
    assert any(content.data == b'[{"role":"assistant","content":"hello"}]' for content in found.contents)
