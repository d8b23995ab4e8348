// JavaScript without packages: a stream read piece by piece, and two calls at once.

const base = process.env.MODELS_URL + "/v1";

async function ask(text, stream) {
  const body = { model: "gpt-5-mini", messages: [{ role: "user", content: text }], stream };
  const answer = await fetch(base + "/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer x" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  if (!stream) return (await answer.json()).choices[0].message.content;
  const pieces = [];
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) pieces.push(piece);
  return pieces.join("");
}

console.log(await ask("stream it", true));
console.log(await Promise.all([ask("one", false), ask("two", false)]));
