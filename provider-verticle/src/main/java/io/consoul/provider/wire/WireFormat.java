package io.consoul.provider.wire;

import io.consoul.config.Secret;
import io.consoul.provider.Completion;
import io.consoul.provider.UpstreamFailure;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * A provider's language: a pure translation between our messages and its requests, responses and errors. It knows no network
 * and no time, keeps nothing between two calls, and may be shared by all threads.
 */
public interface WireFormat {

  /** Path and query below the base URL, beginning with a slash. */
  String endpoint(Completion completion);

  /** Sets what the format wants in every request besides its content type, the key among it. */
  void headers(MultiMap headers, Secret apiKey);

  /** The request for a stream. */
  Buffer body(Completion completion);

  /** @param contentType in lower case */
  boolean isStream(String contentType);

  /** For one response. */
  AnswerReader reader(Failures failures);

  /**
   * What a status other than 2xx means.
   *
   * @param body what was read of it; it may be cut or be of another format
   */
  UpstreamFailure refusal(Failures failures, int status, MultiMap headers, Buffer body);
}
