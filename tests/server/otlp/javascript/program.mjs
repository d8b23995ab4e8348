// A program as a user writes it: everything about the export comes from the environment.
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();

const tracer = trace.getTracer("program", "1.0");
for (let number = 0; number < 500; number++) {
  const outer = tracer.startSpan(`outer ${number}`, {
    kind: SpanKind.CLIENT,
    attributes: { list: ["a", "b"], numbers: [1, 2], whole: 7, ratio: 0.5, yes: true, text: "x".repeat(500) },
    links: [{ context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }, attributes: { why: "so" } }],
  });
  outer.addEvent("happened", { deep: ["one"] });
  const inner = tracer.startSpan(`inner ${number}`, {}, trace.setSpan(context.active(), outer));
  inner.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
  inner.end();
  outer.end();
}
logs.getLogger("program").emit({
  body: { said: [1, "two", { three: 3 }] },
  severityNumber: 17,
  eventName: "a log record",
  attributes: { bytes: new Uint8Array([0, 255]), map: { inner: [true] } },
});
metrics.getMeter("program").createCounter("cost").add(3, { "session.id": "the session" });
await sdk.shutdown();
