# An OPC UA server for tests: user mw, password mw-secret; None and Basic256Sha256.
# python asyncua_server.py PORT CERTIFICATE.der KEY.pem [PAD [COUNTER_ID [HISTORY]]]
import asyncio, logging, signal, sys
from datetime import datetime, timezone
from asyncua import Server, ua
from asyncua.common.structures104 import new_struct, new_struct_field
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager

logging.basicConfig(level=logging.WARNING)


class Users(UserManager):
    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username == "mw" and password == "mw-secret":
            return User(role=UserRole.Admin, name=username)
        return None


def now_with(value, kind):
    # without a time of its own a value cannot be read from the history
    time = datetime.now(timezone.utc)
    return ua.DataValue(ua.Variant(value, kind), SourceTimestamp=time, ServerTimestamp=time)


async def main():
    port, certificate, key = sys.argv[1:4]
    pad = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    counter_id = sys.argv[5] if len(sys.argv) > 5 else "counter"
    keeps_history = len(sys.argv) > 6
    server = Server(user_manager=Users())
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/mw/")
    await server.set_application_uri("urn:mw:test:asyncua")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    await server.load_certificate(certificate)
    await server.load_private_key(key)
    for i in range(pad):
        await server.register_namespace(f"urn:pad:{i}")
    ns = await server.register_namespace("urn:mw:plant")
    fields = [
        new_struct_field("rms", ua.VariantType.Double),
        new_struct_field("peak", ua.VariantType.Double),
        new_struct_field("count", ua.VariantType.UInt32),
    ]
    vibration, _ = await new_struct(server, ns, "Vibration", fields)
    await server.load_data_type_definitions()
    plant = await server.nodes.objects.add_object(ua.NodeId("plant", ns), ua.QualifiedName("plant", ns))
    counter = await plant.add_variable(ua.NodeId(counter_id, ns), ua.QualifiedName("counter", ns), 0, ua.VariantType.UInt32)
    value = ua.Variant(ua.Vibration(rms=1.0, peak=2.0, count=3), ua.VariantType.ExtensionObject)
    vib = await plant.add_variable(ua.NodeId("vib", ns), ua.QualifiedName("vib", ns), value, datatype=vibration.nodeid)
    setpoint = await plant.add_variable(ua.NodeId("setpoint", ns), ua.QualifiedName("setpoint", ns), 1.5)
    await setpoint.set_writable()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with server:
        await server.write_attribute_value(counter.nodeid, now_with(0, ua.VariantType.UInt32))
        if keeps_history:
            await server.historize_node_data_change(counter, period=None, count=100_000)
        print(f"READY ns={ns}", flush=True)
        i = 0
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not stop.is_set():
            i += 1
            await server.write_attribute_value(counter.nodeid, now_with(i, ua.VariantType.UInt32))
            if i % 10 == 0:
                value = ua.Vibration(rms=i * 0.5, peak=i * 1.0, count=i)
                await server.write_attribute_value(vib.nodeid, now_with(value, ua.VariantType.ExtensionObject))
            due += 0.01
            await asyncio.sleep(max(0, due - loop.time()))


asyncio.run(main())
