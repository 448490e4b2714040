// The page's form in a browser that blocks what sites store. argv: the form's module.
// Says what the form holds after it was restored and read.

const fields = new Map();
globalThis.document = {
  getElementById: (id) => fields.get(id) ?? fields.set(id, { value: "", checked: false }).get(id),
};
globalThis.location = { search: "?room=lobby&user=alice&app=1234" };
Object.defineProperty(globalThis, "localStorage", {
  get: () => {
    throw new Error("SecurityError: The operation is insecure.");
  },
});

const form = await import(process.argv[2]);
form.restore();
console.log(JSON.stringify(form.read().login));
