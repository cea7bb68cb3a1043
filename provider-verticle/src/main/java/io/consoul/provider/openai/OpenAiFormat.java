package io.consoul.provider.openai;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/** OpenAI's chat completions, and those of every server which speaks the same. */
public final class OpenAiFormat implements WireFormat {

  private final OpenAiRequest request;

  /** @param openAiItself whether OpenAI reads it, not a compatible server: their dialects differ in a few fields */
  public OpenAiFormat(boolean openAiItself) {
    this.request = new OpenAiRequest(openAiItself);
  }

  @Override
  public String endpoint(Completion completion) {
    return "/chat/completions";
  }

  @Override
  public void headers(MultiMap headers, Secret apiKey) {
    headers.set(HttpHeaders.ACCEPT, "text/event-stream");
    if (apiKey != null) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey.reveal());
    }
  }

  @Override
  public Buffer body(Completion completion) {
    return request.write(completion);
  }

  @Override
  public boolean isStream(String contentType) {
    return contentType.startsWith("text/event-stream");
  }

  @Override
  public AnswerReader reader(Failures failures) {
    return new OpenAiReader(failures);
  }

  @Override
  public UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body) {
    return OpenAiErrors.ofStatus(failures, status, headers, body);
  }
}
