package io.consoul.provider.course;

import io.consoul.message.FinishReason;
import io.consoul.message.Settings;
import io.consoul.message.Usage;
import io.consoul.provider.BaseUrl;
import io.consoul.provider.Target;
import io.consoul.provider.Upstream.Dialect;
import io.consoul.provider.UpstreamFailure;
import io.consoul.trace.RequestContext;
import io.consoul.trace.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** The span of one call of a provider, by the conventions of OpenTelemetry for generative AI. What was said is not in it. */
final class CallSpan {

  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");

  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private final RequestContext context;

  private CallSpan(RequestContext context) {
    this.context = context;
  }

  /**
   * @param turn the request that it is made for
   * @param why it is made: the first of an answer, or what came before it
   */
  static CallSpan begin(
      Tracing tracing, RequestContext turn, Target target, Settings settings, Why why) {
    SpanBuilder span = tracing
        .span("chat " + target.model(), SpanKind.CLIENT, turn.span())
        .setAttribute("gen_ai.operation.name", "chat")
        .setAttribute("gen_ai.provider.name", provider(target.upstream().dialect()))
        .setAttribute("gen_ai.request.model", target.model())
        .setAttribute("consoul.provider", target.upstream().name())
        .setAttribute("consoul.call.reason", why.name().toLowerCase(Locale.ROOT));
    if (settings.temperature() != null) {
      span.setAttribute("gen_ai.request.temperature", settings.temperature());
    }
    if (settings.maxTokens() != null) {
      span.setAttribute("gen_ai.request.max_tokens", settings.maxTokens());
    }
    server(span, target.upstream().baseUrl());
    return new CallSpan(turn.within(span.startSpan()));
  }

  /** What brings a call about. */
  enum Why {
    FIRST,
    RETRY,
    FAILOVER,
    RESCUE,
    TAKEOVER
  }

  /** What is done for the call belongs in there. */
  RequestContext context() {
    return context;
  }

  void firstToken() {
    context.span().addEvent("first token");
  }

  /** @param model as the provider names it: often with the version that the asked one stands for */
  void answeredBy(String model) {
    context.span().setAttribute("gen_ai.response.model", model);
  }

  /** @param told by the provider, or null */
  void ended(FinishReason reason, Usage told) {
    Span span = context.span();
    span.setAttribute(FINISH_REASONS, List.of(reason.wireName()));
    if (told != null) {
      span.setAttribute("gen_ai.usage.input_tokens", told.inputTokens());
      span.setAttribute("gen_ai.usage.output_tokens", told.outputTokens());
    }
    span.end();
  }

  void failed(UpstreamFailure failure) {
    context
        .span()
        .setAttribute(Tracing.ERROR_TYPE, failure.cause().name().toLowerCase(Locale.ROOT))
        .setStatus(StatusCode.ERROR)
        .end();
  }

  /** We wanted no more of it. */
  void left() {
    context.span().setAttribute(Tracing.ERROR_TYPE, "cancelled").end();
  }

  private static String provider(Dialect dialect) {
    return dialect == Dialect.GEMINI ? "gcp.gemini" : dialect.name().toLowerCase(Locale.ROOT);
  }

  private static void server(SpanBuilder span, BaseUrl url) {
    if (url == null) {
      return; // the echo model
    }
    URI origin = URI.create(url.origin());
    int usual = "https".equals(origin.getScheme()) ? HTTPS : HTTP;
    span.setAttribute("server.address", origin.getHost())
        .setAttribute("server.port", origin.getPort() < 0 ? usual : origin.getPort());
  }
}
