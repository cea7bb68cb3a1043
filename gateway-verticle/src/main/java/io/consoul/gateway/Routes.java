package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** What the gateway serves, by path and method. Every request meets the front door before its endpoint. */
final class Routes {

  private final Router router;
  private final FrontDoor door;

  private Routes(Vertx vertx, FrontDoor door) {
    this.router = Router.router(vertx);
    this.door = door;
  }

  static Router of(
      Vertx vertx,
      FrontDoor door,
      Toll toll,
      HealthEndpoints health,
      OpenApiEndpoint openApi,
      ChatEndpoints chat,
      BatchEndpoint batch,
      SessionEndpoints sessions,
      V1Endpoints v1,
      ChatSockets sockets) {
    Routes routes = new Routes(vertx, door);
    routes.router.route().handler(door::admit);
    routes.get("/health", health::health);
    routes.get("/ready", health::ready);
    routes.get("/openapi\\.json", openApi::document);
    routes.post("/chat", toll.of(chat::chat));
    routes.post("/chat/stream", toll.of(chat::stream));
    routes.post("/chat/batch", batch::batch);
    routes.at("/chat/stream/[^/]+", chat::attach).method(HttpMethod.GET);
    routes.post("/chat/[^/]+/cancel", chat::cancel);
    routes.post("/sessions", toll.of(sessions::create));
    routes.get("/sessions", toll.of(sessions::list));
    routes.get("/sessions/[^/]+", toll.of(sessions::get));
    routes.at("/sessions/[^/]+", toll.of(sessions::delete)).method(HttpMethod.DELETE);
    routes.get("/sessions/[^/]+/messages", toll.of(sessions::messages));
    routes.post("/v1/chat/completions", toll.of(v1::complete));
    routes.get("/v1/models", toll.of(v1::models));
    routes.get("/v1/models/.+", toll.of(v1::model));
    routes.get("/ws/chat/[^/]*", sockets::upgrade);
    return routes
        .router
        .errorHandler(400, door::refuseHead)
        .errorHandler(404, context -> door.exchange(context).fail(Fault.NOT_FOUND.because()))
        .errorHandler(405, routes::wrongMethod)
        .errorHandler(500, context -> door.exchange(context).fail(context.failure()));
  }

  private void get(String path, Handler<Exchange> endpoint) {
    at(path, endpoint).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  private void post(String path, Handler<Exchange> endpoint) {
    at(path, endpoint).method(HttpMethod.POST);
  }

  /**
   * @param path a regular expression over the path as it was sent: the router's own patterns would also take a slash
   *     behind it, and would decode a parameter that is not UTF-8
   */
  private Route at(String path, Handler<Exchange> endpoint) {
    return router
        .routeWithRegex(path)
        .useNormalizedPath(false)
        .handler(context -> endpoint.handle(door.exchange(context)));
  }

  /** The router knows which methods the path takes, but does not tell. */
  private void wrongMethod(RoutingContext context) {
    String path = context.request().path();
    List<String> methods = router.getRoutes().stream()
        .filter(route -> route.isRegexPath() && path.matches(route.getName()))
        .flatMap(route -> route.methods().stream().map(HttpMethod::name))
        .distinct()
        .sorted()
        .toList();
    String allowed = String.join(", ", methods) + ", OPTIONS";
    Exchange exchange = door.exchange(context);
    exchange.response().putHeader("Allow", allowed);
    if (context.request().method() == HttpMethod.OPTIONS) {
      door.answerOptions(exchange, methods);
    } else {
      exchange.fail(Fault.METHOD_NOT_ALLOWED.because("This path takes " + allowed + "."));
    }
  }
}
