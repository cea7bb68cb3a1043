package io.consoul.provider.call;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.node.Node;
import io.consoul.provider.Completion;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.openai.OpenAiFormat;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.util.List;

/** A verticle instance with nothing but one adapter. */
final class Instance extends VerticleBase {

  private final Upstream upstream;
  private final HttpClientOptions options;
  private final Node node;
  private final Watchdog watchdog;
  private HttpAdapter adapter;

  private Instance(Upstream upstream, HttpClientOptions options, Node node) {
    this.upstream = upstream;
    this.options = options;
    this.node = node;
    this.watchdog = new Watchdog(node.clock());
  }

  static Instance start(Vertx vertx, Upstream upstream, HttpClientOptions options, Node node) {
    Instance instance = new Instance(upstream, options, node);
    Answer.await(vertx.deployVerticle(instance));
    return instance;
  }

  @Override
  public Future<?> start() {
    adapter = new HttpAdapter(vertx, upstream, new OpenAiFormat(false), watchdog, node, options);
    vertx.setPeriodic(5, id -> watchdog.tick());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return adapter.close();
  }

  void undeploy() {
    Answer.await(vertx.undeploy(context.deploymentID()));
  }

  Answer ask(String text) {
    return ask("m", text);
  }

  Answer ask(String model, String text) {
    Promise<Answer> answer = Promise.promise();
    context.runOnContext(now -> {
      Answer sink = new Answer(context);
      Completion completion =
          new Completion(model, Settings.NONE, List.of(ChatMessage.user(text)), 0);
      answer.complete(sink.of(adapter.open(completion, sink)));
    });
    return Answer.await(answer.future());
  }

  /** How many time limits run. */
  int watches() {
    Promise<Integer> size = Promise.promise();
    context.runOnContext(now -> size.complete(watchdog.size()));
    return Answer.await(size.future());
  }
}
