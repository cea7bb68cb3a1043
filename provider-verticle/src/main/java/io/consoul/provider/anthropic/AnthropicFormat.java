package io.consoul.provider.anthropic;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/** Anthropic's messages. */
public final class AnthropicFormat implements WireFormat {

  private static final String VERSION = "2023-06-01";

  /** How a token of an account begins, which is no API key. */
  private static final String OAUTH_TOKEN = "sk-ant-oat";

  @Override
  public String endpoint(Completion completion) {
    return "/messages";
  }

  @Override
  public void headers(MultiMap headers, Secret apiKey) {
    headers.set(HttpHeaders.ACCEPT, "text/event-stream").set("anthropic-version", VERSION);
    if (apiKey == null) {
      return;
    }
    if (apiKey.reveal().startsWith(OAUTH_TOKEN)) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey.reveal());
    } else {
      headers.set("x-api-key", apiKey.reveal());
    }
  }

  @Override
  public Buffer body(Completion completion) {
    return AnthropicRequest.write(completion);
  }

  @Override
  public boolean isStream(String contentType) {
    return contentType.startsWith("text/event-stream");
  }

  @Override
  public AnswerReader reader(Failures failures) {
    return new AnthropicReader(failures);
  }

  @Override
  public UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body) {
    return AnthropicErrors.ofStatus(failures, status, headers, body);
  }
}
